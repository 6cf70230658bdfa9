// The report flow's extras: photos go up as soon as they are chosen, the reader's own position.
"use strict";

(() => {
  // -- photos: photos.js makes them smaller first, then says so -------------------------------------------------------
  const photoForm = document.querySelector("[data-photo-form]");
  if (photoForm) {
    photoForm.addEventListener("photos:changed", (event) => {
      if (!event.target.files.length) return;
      event.target.closest(".addshot")?.setAttribute("data-busy", "");
      photoForm.requestSubmit();
    });
  }

  // -- place ----------------------------------------------------------------------------------------------------------
  const form = document.querySelector(".placeform");
  if (form) {
    const field = (name) => form.querySelector(`[name="${name}"]`);
    const tell = () => {
      if (!window.htmx || !field("longitude").value) return;
      htmx.ajax("GET", `/report/where/?longitude=${field("longitude").value}&latitude=${field("latitude").value}`, { target: "#where", swap: "innerHTML" });
    };
    let last = `${field("longitude").value},${field("latitude").value}`;
    form.addEventListener("map:picked", () => {
      const here = `${field("longitude").value},${field("latitude").value}`;
      if (here === last) return; // the map has only drawn the pin that was there
      last = here;
      tell();
    });
    // Enter in the address looks it up; it does not go on to the next page
    field("address").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      form.querySelector('[name="go"][value="search"]').click();
    });
    const button = form.querySelector("[data-locate]");
    if (button && navigator.geolocation) {
      const words = button.querySelector("[data-locate-words]");
      button.hidden = false;
      button.addEventListener("click", () => {
        button.disabled = true;
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => {
            button.disabled = false;
            const map = form.querySelector("[data-map]");
            if (map?.pick) map.pick([coords.longitude, coords.latitude]);
            else {
              field("longitude").value = coords.longitude.toFixed(6);
              field("latitude").value = coords.latitude.toFixed(6);
              tell();
            }
          },
          () => {
            button.disabled = false;
            words.textContent = button.dataset.wordFailed;
          },
          { enableHighAccuracy: true, timeout: 10000 },
        );
      });
    }
  }
})();
