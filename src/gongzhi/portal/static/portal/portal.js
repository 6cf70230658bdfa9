// What every page has: menus that close, reading aloud, and what htmx does with refusals.
"use strict";

(() => {
  const root = document.documentElement;
  root.dataset.js = "on";

  // -- menus -----------------------------------------------------------------------------------------------------
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // -- dialogs: data-opens="#id", without JavaScript the same link goes to a page of its own ---------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.querySelector(opener.dataset.opens);
    if (!dialog || typeof dialog.showModal !== "function") return;
    event.preventDefault();
    dialog.showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });

  // -- forms: one press is one submission ------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  // -- the form's token: after signing in in another tab the cookie has a new one, and what was written here still counts ----
  const csrf = () => decodeURIComponent(document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "");
  document.addEventListener("submit", (event) => {
    const field = event.target.method !== "get" && event.target.querySelector("input[name=csrfmiddlewaretoken]");
    if (field && csrf()) field.value = csrf();
  }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, parameters } = event.detail;
    if (!csrf()) return;
    if ("X-CSRFToken" in headers) headers["X-CSRFToken"] = csrf();
    if (parameters?.csrfmiddlewaretoken) parameters.csrfmiddlewaretoken = csrf();
  });
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("gongzhi-session") : null;
  if (document.querySelector("[data-signed-in]")) tabs?.postMessage("signed-in");
  tabs?.addEventListener("message", () => document.querySelectorAll("[data-session-ended]").forEach((box) => box.remove()));

  // -- copying ---------------------------------------------------------------------------------------------------------
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      const said = button.querySelector("[data-copied]") || button;
      const before = said.textContent;
      said.textContent = button.dataset.done || before;
      setTimeout(() => (said.textContent = before), 2000);
    } catch {
      button.hidden = true; // the text stands beside the button anyway
    }
  });

  // -- printing and sharing: buttons that only a script can serve stay hidden without one ---------------------------------
  for (const button of document.querySelectorAll("[data-print], [data-share]")) button.hidden = false;
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll("main details:not([open])")) {
      box.open = true; // what is folded away on the screen belongs to the paper
      closed.push(box);
    }
  });
  addEventListener("afterprint", () => closed.splice(0).forEach((box) => (box.open = false)));
  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) return print();
    const button = event.target.closest("[data-share]");
    if (!button) return;
    const { shareTitle: title, shareText: text, shareUrl: url } = button.dataset;
    if (navigator.share) return navigator.share({ title, text, url }).catch(() => {}); // whoever closes the sheet has changed their mind
    try {
      await navigator.clipboard.writeText(`${title}\n${url}`);
      button.querySelector("[data-copied]").textContent = button.dataset.done;
    } catch {
      button.hidden = true;
    }
  });

  // -- reading aloud ---------------------------------------------------------------------------------------------------
  const speech = window.speechSynthesis;
  const readable = "h1, h2, h3, p, li, dt, dd, label, legend, figcaption, td, th, b.casecard-title";

  function texts(part) {
    const found = [];
    for (const element of part.querySelectorAll(readable)) {
      if (element.closest("[hidden], .sr, [aria-hidden=true], script, dialog:not([open]), [data-unread]")) continue;
      if (element.querySelector(readable)) continue; // its parts are read one by one
      const text = element.innerText.trim().replace(/\s+/g, " ");
      if (text) found.push({ element, text });
    }
    return found;
  }

  function stopReading(button) {
    speech.cancel();
    button.setAttribute("aria-pressed", "false");
    document.querySelectorAll("[data-being-read]").forEach((element) => delete element.dataset.beingRead);
  }

  function read(button) {
    const queue = texts(document.getElementById("main"));
    button.setAttribute("aria-pressed", "true");
    const next = () => {
      document.querySelectorAll("[data-being-read]").forEach((element) => delete element.dataset.beingRead);
      const item = queue.shift();
      if (!item || button.getAttribute("aria-pressed") !== "true") return stopReading(button);
      item.element.dataset.beingRead = "";
      item.element.scrollIntoView({ block: "nearest" });
      const words = new SpeechSynthesisUtterance(item.text);
      words.lang = root.lang === "en" ? "en" : "zh-CN";
      words.rate = 0.9;
      words.onend = next;
      words.onerror = () => stopReading(button);
      speech.speak(words);
    };
    next();
  }

  for (const button of document.querySelectorAll("[data-read-aloud]")) {
    if (!speech) continue; // the button stays hidden where nothing can speak
    button.hidden = false;
    button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stopReading(button) : read(button)));
    addEventListener("pagehide", () => speech.cancel());
  }

  // -- htmx ------------------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    // a 403 that is not a refusal in words is an expired form or session: the whole page says it better
    if (xhr.status === 403 && !xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
  document.addEventListener("htmx:sendError", () => {
    const box = document.getElementById("messages");
    const template = document.getElementById("no-answer");
    if (box && template) box.replaceChildren(template.content.cloneNode(true));
  });

  // -- a device that is shared: what the field app kept for one person goes when they sign out ---------------------------
  document.addEventListener("submit", (event) => {
    if (!event.target.matches('form[action^="/sign-out/"]') || !("caches" in window)) return;
    navigator.serviceWorker?.controller?.postMessage({ kind: "signed-out" });
    try {
      const request = indexedDB.open("gongzhi-field");
      request.onsuccess = () => {
        const store = request.result;
        if (store.objectStoreNames.contains("kept")) store.transaction("kept", "readwrite").objectStore("kept").clear();
        store.close();
      };
    } catch {
      // no storage, nothing kept
    }
  });
})();
