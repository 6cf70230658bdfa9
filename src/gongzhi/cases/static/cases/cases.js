// What pages of cases do beyond htmx: close the open form, add one's position, act on the row one stands on.
//
//   [data-act-close]                  takes the form away (without JavaScript it is a link back to the case)
//   [data-locate]                     writes the device's position into longitude and latitude of its form
//   [data-place]                      sets the pin and the address of its form
//   [data-row-acts] [data-row-key]    a key acts on the present row of the list: its link plus data-row-act
"use strict";

(() => {
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-act-close]");
    const place = closer?.closest("#act");
    if (!place) return;
    event.preventDefault();
    place.replaceChildren();
  });

  function offerPosition(part) {
    if (!navigator.geolocation) return;
    for (const button of part.querySelectorAll("[data-locate][hidden]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const words = button.querySelector("[data-locate-words]");
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => {
            button.form.elements.longitude.value = coords.longitude.toFixed(6);
            button.form.elements.latitude.value = coords.latitude.toFixed(6);
            words.textContent = words.dataset.done;
            button.disabled = true;
          },
          () => (words.textContent = words.dataset.failed),
          { enableHighAccuracy: true, timeout: 10000 },
        );
      });
    }
  }
  offerPosition(document);
  document.addEventListener("htmx:afterSwap", (event) => {
    offerPosition(event.target.parentNode || document);
    if (event.target.id === "act") {
      const menu = document.querySelector("details.more[open]");
      if (menu) menu.open = false;
      event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && document.querySelector("#act > *") && !event.target.closest("select, textarea, input")) return document.getElementById("act").replaceChildren();
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const row = document.querySelector("[data-rows] [data-here]");
    const act = row && document.querySelector(`[data-row-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!act) return;
    event.preventDefault();
    location.assign(`${row.querySelector("[data-row-link]").getAttribute("href")}${act.dataset.rowAct}/`);
  });

  // a place of the gazetteer sets the pin of its form
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-place]");
    const form = place?.closest("form");
    if (!form) return;
    const at = [Number(place.dataset.longitude), Number(place.dataset.latitude)];
    const address = form.elements.address;
    if (address && !address.value.includes(place.dataset.name)) address.value = place.dataset.name;
    const map = form.querySelector("[data-map]");
    if (map?.pick) {
      map.pick(at);
      map.map.jumpTo({ center: at, zoom: 16 });
      return;
    }
    form.elements.longitude.value = at[0].toFixed(6);
    form.elements.latitude.value = at[1].toFixed(6);
    form.elements.latitude.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // "three new cases": told once, shown when asked for
  document.addEventListener("live", (event) => {
    const toast = document.querySelector("[data-new-cases]");
    if (!toast || !["CaseOpened", "CaseAssigned", "CaseReturned", "CaseJoined", "CaseReopened"].includes(event.detail.what)) return;
    const seen = new Set((toast.dataset.seen || "").split(" ").filter(Boolean)).add(event.detail.case);
    toast.dataset.seen = [...seen].join(" ");
    toast.querySelector("[data-new-count]").textContent = String(seen.size);
    toast.hidden = false;
  });
})();
