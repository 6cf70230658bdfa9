// What the field app keeps on the device, and how it is sent. Shared by the pages and the service worker.
//
// An item of the outbox has a key (UUID) made here before its first try. It is sent again under the same key until the
// server has said that it took it, so a lost answer does nothing twice; and it is deleted only after that answer, so a
// lost network loses nothing.
"use strict";

(() => {
  const NAME = "gongzhi-field";

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("outbox", { keyPath: "key" });
        asked.result.createObjectStore("kept", { keyPath: "name" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function work(store, mode, act) {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode, { durability: "strict" });
        const request = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error || request?.error);
      });
    } finally {
      database.close();
    }
  }

  const keep = (name, value) => work("kept", "readwrite", (s) => s.put({ ...value, name }));
  const kept = (name) => work("kept", "readonly", (s) => s.get(name));
  const forget = (name) => work("kept", "readwrite", (s) => s.delete(name));
  const names = (beginning) => work("kept", "readonly", (s) => s.getAllKeys(IDBKeyRange.bound(beginning, `${beginning}\uffff`)));
  const forgetAll = () => work("kept", "readwrite", (s) => s.clear());
  const add = (item) => work("outbox", "readwrite", (s) => s.add(item)); // add, not put: a key is used once
  const change = (item) => work("outbox", "readwrite", (s) => s.put(item));
  const remove = (key) => work("outbox", "readwrite", (s) => s.delete(key));
  const item = (key) => work("outbox", "readonly", (s) => s.get(key));
  const items = async () => (await work("outbox", "readonly", (s) => s.getAll())).sort((a, b) => a.made_at.localeCompare(b.made_at));

  function csrf() {
    const match = typeof document === "undefined" ? null : document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return match ? decodeURIComponent(match[1]) : null;
  }

  async function token() {
    const own = csrf();
    if (own) {
      await keep("csrf", { token: own });
      return own;
    }
    return (await kept("csrf"))?.token || "";
  }

  function form(entry) {
    const body = new FormData();
    body.set("key", entry.key);
    body.set("owner", entry.owner);
    body.set("kind", entry.kind);
    body.set("seen_at", entry.made_at);
    for (const [name, value] of Object.entries(entry.fields)) if (value !== "" && value !== null && value !== undefined) body.set(name, String(value));
    entry.photos.forEach((photo, i) => body.append("photos", photo.blob, photo.name || `${i + 1}.jpg`));
    return body;
  }

  // Return "taken", "refused", "sign-in" or "later" for one item.
  async function send(entry) {
    let answer;
    try {
      answer = await fetch("/field/sync/", {
        method: "POST", body: form(entry), credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(90000),
        headers: { Accept: "application/json", "X-CSRFToken": await token() },
      });
    } catch {
      return "later"; // no network, or no answer: it may have been taken; the key will tell
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok && said.key === entry.key) {
      // the photos have arrived; what stays is the line that says so
      await change({ ...entry, state: "taken", photos: [], photo_count: entry.photos.length, sentence: said.sentence || "", url: said.url || "", number: said.number || "", done_at: new Date().toISOString() });
      return "taken";
    }
    if (answer.status === 401) return "sign-in";
    if (answer.status === 403 && said.code === "Csrf") return "csrf";
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408 || answer.type === "opaqueredirect" || !answer.status) return "later";
    // somebody was first: sent again, it is decided on the case as it is now
    const fields = said.code === "ChangedMeanwhile" && said.version ? { ...entry.fields, version: String(said.version) } : entry.fields;
    await change({ ...entry, fields, state: "refused", sentence: said.title || said.detail || String(answer.status), field: said.field || "", tries: (entry.tries || 0) + 1 });
    return "refused";
  }

  async function sendAll(tell) {
    const locks = typeof navigator !== "undefined" && navigator.locks;
    const run = async () => {
      const me = (await kept("me"))?.owner;
      const counts = { taken: 0, refused: 0, later: 0, signIn: false };
      if (!me) return { ...counts, signIn: (await items()).some((entry) => entry.state === "waiting") };
      for (const entry of await items()) {
        if (entry.state !== "waiting" || entry.owner !== me) continue;
        let result = await send(entry);
        if (result === "csrf") {
          // the form's token has changed (a new sign-in): fetch the present one and try once more
          const fresh = await fetch("/field/work.json", { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
          if (fresh?.ok) {
            const said = await fresh.json();
            await keep("csrf", { token: said.csrf });
            result = await send(entry);
          } else result = fresh?.status === 401 ? "sign-in" : "later";
        }
        tell?.(entry.key, result);
        if (result === "sign-in") {
          counts.signIn = true;
          break;
        }
        if (result === "later" || result === "csrf") {
          counts.later += 1;
          break; // the network is gone; the rest would only wait for the same
        }
        counts[result] += 1;
      }
      const old = Date.now() - 3 * 24 * 3600 * 1000;
      for (const entry of await items()) if (entry.state === "taken" && Date.parse(entry.done_at) < old) await remove(entry.key);
      return counts;
    };
    return locks ? locks.request("gongzhi-field-outbox", run) : run();
  }

  self.fieldStore = { add, change, csrf, forget, forgetAll, item, items, keep, kept, names, remove, sendAll };
})();
