// The wall: after each refresh show what has changed, and say what came in.
"use strict";

(() => {
  const inner = document.getElementById("ck-now");
  if (!inner) return;
  let before = picture();

  function picture() {
    const grids = new Map();
    for (const grid of inner.querySelectorAll("[data-area]")) grids.set(grid.dataset.area, grid.querySelector("title")?.textContent || grid.textContent);
    const cases = new Set([...inner.querySelectorAll("[data-case]")].map((li) => li.dataset.case));
    return { grids, cases };
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== inner) return;
    const after = picture();
    for (const [area, words] of after.grids) {
      if (before.grids.has(area) && before.grids.get(area) !== words) inner.querySelector(`[data-area="${area}"]`).dataset.changed = "";
    }
    const fresh = [...inner.querySelectorAll("[data-case]")].filter((li) => !before.cases.has(li.dataset.case));
    for (const li of fresh) li.dataset.new = "";
    if (fresh.length) document.getElementById("ck-said").textContent = fresh[0].querySelector("b").textContent;
    before = after;
    inner.dataset.refreshed = String(Number(inner.dataset.refreshed || 0) + 1);
  });

  document.querySelector("[data-fullscreen]")?.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  });

  // a wall is never touched: clocks run out without anybody acting, so it also looks for itself once a minute
  setInterval(() => document.visibilityState === "visible" && window.htmx?.trigger(inner, "refresh"), 60000);
})();
