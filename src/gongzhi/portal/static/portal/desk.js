// The desk by keyboard. Nothing here knows a page: pages say what their keys do.
//
//   data-rows                 a list whose rows (tr or li with a link [data-row-link], else the first link) J and K walk
//   data-key="a"              this link, button or field answers to the key (press, or focus for a field)
//   data-key-name="…"         what the key does, for the list of keys (else the element's own words)
//   data-pick                 the row's checkbox, X marks it; data-picked-count shows how many
//   data-show-keys            opens the list of keys; so does ?
"use strict";

(() => {
  const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const shown = (element) => element.getClientRects().length > 0;

  function rows() {
    return [...document.querySelectorAll("[data-rows] :is(tr, li):not([data-group])")].filter((row) => row.querySelector("a[href]") && shown(row));
  }
  const usable = (element) => shown(element) || element.closest("details:not([open])"); // what a closed menu holds answers too
  const present = () => document.querySelector("[data-rows] [data-here]");

  function goTo(row) {
    if (!row) return;
    const old = present();
    if (old) delete old.dataset.here;
    row.dataset.here = "";
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  const link = (row) => row.querySelector("[data-row-link]") || row.querySelector("a[href]");

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(present());
    goTo(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[Math.max(0, Math.min(all.length - 1, at + by))]);
  }

  function showKeys() {
    const sheet = document.getElementById("keysheet");
    const list = sheet?.querySelector("[data-key-list]");
    if (!list) return;
    const keys = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      if (!usable(element) && !element.closest("dialog")) continue;
      const words = element.dataset.keyName || element.getAttribute("aria-label") || element.textContent || element.placeholder || "";
      const name = words.replace(/\s+/g, " ").trim() || element.labels?.[0]?.textContent?.trim() || "";
      if (!keys.has(element.dataset.key)) keys.set(element.dataset.key, name.replace(new RegExp(`\\s${element.dataset.key}$`, "i"), ""));
    }
    const own = JSON.parse(list.dataset.own || "[]");
    list.replaceChildren();
    for (const element of document.querySelectorAll("[data-row-key]")) {
      if (!keys.has(element.dataset.rowKey)) keys.set(element.dataset.rowKey, element.dataset.keyName || element.textContent.trim());
    }
    for (const [key, name] of [...(document.querySelector("[data-rows]") ? own : []), ...keys]) {
      const dt = document.createElement("dt");
      const kbd = document.createElement("kbd");
      kbd.textContent = key.length === 1 ? key.toUpperCase() : key;
      dt.append(kbd);
      const dd = document.createElement("dd");
      dd.textContent = name;
      list.append(dt, dd);
    }
    sheet.showModal();
  }

  function count() {
    const n = document.querySelectorAll("[data-rows] [data-pick]:checked").length;
    for (const place of document.querySelectorAll("[data-picked-count]")) place.textContent = String(n);
    for (const part of document.querySelectorAll("[data-when-picked]")) part.hidden = n === 0;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of document.querySelectorAll("[data-rows] [data-pick]")) {
        box.checked = event.target.checked;
        box.closest("tr, li").toggleAttribute("data-picked", box.checked);
      }
      count();
    } else if (event.target.matches("[data-pick]")) {
      event.target.closest("tr, li").toggleAttribute("data-picked", event.target.checked);
      count();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") {
      event.preventDefault();
      return showKeys();
    }
    if (document.querySelector("[data-rows]")) {
      if (key === "j" || key === "k") {
        event.preventDefault();
        return move(key === "j" ? 1 : -1);
      }
      if (key === "x" && present()) {
        const box = present().querySelector("[data-pick]");
        if (box) {
          event.preventDefault();
          return box.click();
        }
      }
      if (key === "Enter" && present() && event.target === document.body) return link(present()).click();
    }
    const target = [...(present()?.querySelectorAll("[data-key]") || []), ...document.querySelectorAll("[data-key]")].find(
      (element) => element.dataset.key.toLowerCase() === key && usable(element) && !element.disabled,
    );
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
      target.focus();
      target.select?.();
    } else target.click();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) showKeys();
  });

  count();
  document.addEventListener("htmx:afterSwap", count);
  if (new URLSearchParams(location.search).get("focus") === "q") document.querySelector("main input[type=search], #jump")?.focus();
})();

// The numbers beside the queues of the sidebar: the desk brings them with its own counts, every other page asks for them once.
(() => {
  const tell = (queue, words) => {
    for (const place of document.querySelectorAll(`[data-queue-count="${CSS.escape(queue)}"]`)) {
      place.textContent = words === "0" ? "" : words;
      place.toggleAttribute("data-late", queue === "overdue" && words !== "0");
    }
  };
  const copy = () => document.querySelectorAll("[data-counts]").forEach((number) => tell(number.dataset.counts, number.textContent.trim()));
  if (document.getElementById("desk-counts")) {
    document.addEventListener("htmx:afterSettle", copy);
    return copy();
  }
  if (!document.querySelector("[data-queue-count]")) return;
  fetch("/desk/queues.json", { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : {}))
    .then((numbers) => Object.entries(numbers).forEach(([queue, number]) => tell(queue, number >= 1000 ? "1000+" : String(number))))
    .catch(() => {}); // away from the net the queues stand without numbers
})();
