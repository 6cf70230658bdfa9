// Push notices on this device: asks the browser, tells the town, and takes both back. Words come from the page.
"use strict";

(() => {
  const box = document.querySelector("[data-push]");
  if (!box) return;
  const say = (name) => {
    for (const part of box.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== name;
  };
  const form = box.querySelector("form[data-add]");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=")), (c) => c.charCodeAt(0));
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return say("unable");

  async function present() {
    const registration = await navigator.serviceWorker.getRegistration("/account/");
    return registration?.pushManager.getSubscription();
  }

  async function turnOn() {
    if ((await Notification.requestPermission()) !== "granted") return say("denied");
    const registration = await navigator.serviceWorker.register("/account/push-sw.js", { scope: "/account/" });
    await navigator.serviceWorker.ready.catch(() => {});
    const made = (await registration.pushManager.getSubscription()) || (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) }));
    const said = made.toJSON();
    form.elements.endpoint.value = said.endpoint;
    form.elements.p256dh.value = said.keys.p256dh;
    form.elements.auth.value = said.keys.auth;
    form.submit();
  }

  box.querySelector("[data-on]").addEventListener("click", () => turnOn().catch((error) => {
    console.warn("push:", error);
    say("failed");
  }));
  present().then(async (made) => {
    if (!made) return say(Notification.permission === "denied" ? "denied" : "off");
    const known = JSON.parse(box.dataset.known || "[]");
    const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(made.endpoint)))].map((b) => b.toString(16).padStart(2, "0")).join("");
    if (known.includes(digest)) return say("on");
    await made.unsubscribe(); // the town has taken it back: after signing out, or from another device
    say("off");
  }).catch(() => say("off"));
})();
