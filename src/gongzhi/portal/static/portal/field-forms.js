// The forms of the field app: what is written is kept while it is written, and what the town would refuse is asked for
// before it is kept for sending. Nothing here talks to the server.
"use strict";

(() => {
  const store = self.fieldStore;
  const app = document.getElementById("field-app");
  if (!app || !store) return;
  const words = app.dataset;
  const needs = JSON.parse(words.needs || "{}");
  const say = (text, values = {}) => Object.entries(values).reduce((said, [name, value]) => said.replaceAll(`%(${name})s`, value), text || "");
  const input = (form) => form.querySelector("input[type=file]");

  function key() {
    return crypto.randomUUID ? crypto.randomUUID() : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  }

  // -- where I am --------------------------------------------------------------------------------------------------------
  function place(form, atOnce) {
    const line = form.querySelector("[data-place]");
    const take = () => {
      if (!navigator.geolocation) return;
      line.textContent = words.wordLocating;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          form.elements.longitude.value = coords.longitude.toFixed(6);
          form.elements.latitude.value = coords.latitude.toFixed(6);
          line.textContent = say(words.wordLocated, { metres: Math.round(coords.accuracy) });
        },
        () => (line.textContent = words.wordUnlocated),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    };
    form.querySelector("[data-locate]")?.addEventListener("click", take);
    if (atOnce) take();
  }

  // -- what stands in a form, out and in ------------------------------------------------------------------------------------
  function read(form) {
    const fields = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields[name] = value;
    return { fields, photos: [...(input(form)?.files || [])].map((file) => ({ name: file.name, blob: file })) };
  }

  function fill(form, { fields = {}, photos = [] }) {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (field && name !== "slug") field.value = value;
    }
    if (fields.longitude) form.querySelector("[data-place]").textContent = words.wordPlaceKept;
    if (!photos.length) return;
    const files = new DataTransfer();
    for (const photo of photos) files.items.add(new File([photo.blob], photo.name, { type: photo.blob.type || "image/jpeg" }));
    input(form).files = files.files;
    self.gongzhiPhotos?.previews(input(form));
  }

  // -- drafts: a phone that rings, a session that ends, a page that is left by mistake lose nothing ---------------------------
  function keepDraft(form, name) {
    let later = 0;
    const save = async () => {
      const owner = (await store.kept("me"))?.owner;
      if (owner && form.isConnected) await store.keep(name, { owner, ...read(form) }).catch(() => {}); // a full phone is told when it is sent
    };
    const soon = () => {
      clearTimeout(later);
      later = setTimeout(save, 300);
    };
    for (const what of ["input", "change", "photos:changed"]) form.addEventListener(what, soon);
    addEventListener("pagehide", () => clearTimeout(later));
    form.forgetDraft = () => {
      clearTimeout(later);
      return store.forget(name);
    };
  }

  async function restore(form, name) {
    const [draft, me] = [await store.kept(name), (await store.kept("me"))?.owner];
    if (draft && draft.owner === me) fill(form, draft);
  }

  // -- what would be refused ------------------------------------------------------------------------------------------------
  // Return [sentence, field] of the first thing that is in the way, or null.
  function lacking(form, { fields, photos }) {
    for (const field of form.querySelectorAll("[required]")) {
      const given = (fields[field.name] || "").trim();
      if (!given) return [say(words.wordEmpty, { field: form.querySelector(`label[for="${field.id}"]`)?.textContent || field.closest("fieldset")?.querySelector("legend")?.textContent || "" }), field];
    }
    const least = needs.least?.photos?.[form.dataset.kind] || 0;
    if (photos.length < least) return [needs.least.words, input(form)];
    if (photos.length > needs.most?.photos) return [needs.most.words, input(form)];
    if (photos.some((photo) => photo.blob.size > needs.bytes?.of_one)) return [needs.bytes.words, input(form)];
    return null;
  }

  function problem(form, sentence, field) {
    const box = form.querySelector("[data-problem]");
    box.hidden = !sentence;
    box.querySelector("[data-words]").textContent = sentence || "";
    for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
    if (!sentence) return;
    const at = typeof field === "string" ? (field === "photos" ? input(form) : form.elements[field]) : field;
    if (at?.setAttribute) {
      at.setAttribute("aria-invalid", "true");
      at.focus({ preventScroll: true });
    }
    box.scrollIntoView({ block: "center" });
  }

  // `submit(form)` is called with a form that the person wants to send; its draft is kept under `name` until then
  function make(id, { title = "", name = "", atOnce = true, submit }) {
    const form = document.getElementById(id).content.firstElementChild.cloneNode(true);
    form.dataset.title = title;
    form.noValidate = true; // one way to say what is missing, the same for fields and photos
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.busy) return;
      form.dataset.busy = "yes";
      try {
        problem(form, "");
        const missing = lacking(form, read(form));
        if (missing) problem(form, ...missing);
        else await submit(form, read(form));
      } finally {
        delete form.dataset.busy;
      }
    });
    place(form, atOnce);
    if (name) keepDraft(form, name);
    return form;
  }

  self.fieldForms = { fill, key, make, problem, restore, say };
})();
