// Field app, offline. Made by the server: the list below changes when a file changes, and the browser then takes the new worker.
"use strict";
importScripts("{{ store }}");

const CACHE = "gongzhi-field-{{ version }}";
const SHELL = "/field/";
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then(async (cache) => {
      await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
      await cache.put(SHELL, await fetch(SHELL, { credentials: "same-origin", cache: "reload" }));
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("gongzhi-field-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// The shell holds nobody's data (those are in the store, by person), so any of its copies may be shown to anybody.
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(5000) });
    if (answer.ok && !answer.redirected) await cache.put(SHELL, answer.clone());
    return answer.status >= 502 ? (await cache.match(SHELL)) || answer : answer;
  } catch {
    return (await cache.match(SHELL)) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith("/field/")) event.respondWith(page(request));
  else if (FILES.includes(url.pathname)) event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(url.pathname)) || fetch(request)));
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "field-outbox") return;
  event.waitUntil(
    self.fieldStore.sendAll().then(async (counts) => {
      for (const client of await self.clients.matchAll()) client.postMessage({ kind: "outbox-sent" });
      if (counts.later) throw new Error("the network is not there yet"); // the browser tries again by itself
    }),
  );
});

self.addEventListener("message", (event) => {
  if (event.data?.kind === "signed-out") event.waitUntil(self.fieldStore.forgetAll());
});
