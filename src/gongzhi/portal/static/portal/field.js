// The grid worker's app: what to do in my area, with or without a network. All words come from the page.
"use strict";

(() => {
  const store = self.fieldStore;
  const app = document.getElementById("field-app");
  if (!app || !store) return;
  const words = app.dataset;
  const part = (name) => app.querySelector(`[data-part="${name}"]`);
  const forms = self.fieldForms;
  const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const { say } = forms;
  const time = (iso) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: words.zone || undefined }).format(new Date(iso));
  const path = location.pathname.replace(/^\/field\//, "").replace(/\/$/, "");
  const [view, slug] = path.split("/");
  let work = null;

  for (const link of document.querySelectorAll(".tabbar a")) link.removeAttribute("aria-current");
  const tab = { task: "/field/", edit: "/field/outbox/" }[view] || location.pathname;
  document.querySelector(`.tabbar a[href="${tab}"]`)?.setAttribute("aria-current", "page");

  // -- putting into the outbox ---------------------------------------------------------------------------------------------
  // Keep what a form says: as a new item, or, for one that was refused, in its place under its own key (nothing was done under it).
  async function submit(form, { fields, photos }, refused = null) {
    const me = await store.kept("me");
    if (!me?.owner) return ask(true);
    if (fields.slug && navigator.onLine) {
      await fetchWork(); // the task may have gone to somebody else meanwhile
      const task = work?.tasks.find((each) => each.slug === fields.slug);
      if (work && !task?.may_send) return forms.problem(form, words.wordGone);
    }
    const entry = { key: forms.key(), owner: me.owner, kind: form.dataset.kind, made_at: new Date().toISOString(), ...(refused || {}),
      title: refused?.title || form.dataset.title || fields.title || "", fields, photos, state: "waiting", tries: refused?.tries || 0, sentence: "", field: "" };
    if (refused && photos.some((photo) => photo.blob.lastModified > Date.parse(refused.made_at))) entry.made_at = new Date().toISOString(); // seen again
    try {
      await (refused ? store.change(entry) : store.add(entry));
    } catch (error) {
      return forms.problem(form, say(words.wordFull, { reason: error.name }));
    }
    await form.forgetDraft?.();
    // kept for good now; sending is another matter
    navigator.serviceWorker?.ready.then((registration) => registration.sync?.register("field-outbox")).catch(() => {});
    location.assign("/field/outbox/");
  }

  function chooseFrom(select, groups) {
    const chosen = select.value;
    for (const group of select.querySelectorAll("optgroup")) group.remove();
    for (const group of groups || []) {
      const optgroup = document.createElement("optgroup");
      optgroup.label = group.title;
      for (const [code, title] of group.items) optgroup.append(new Option(title, code));
      select.append(optgroup);
    }
    select.value = chosen;
  }

  // Pictures that the page of a task shows: from the phone if they are kept there, else from the town.
  async function showShots(section) {
    for (const image of section.querySelectorAll("img[data-shot]")) {
      const kept = await store.kept(`shot:${image.dataset.shot}`);
      image.src = kept?.blob ? URL.createObjectURL(kept.blob) : image.dataset.shot;
    }
  }

  // -- views ---------------------------------------------------------------------------------------------------------------
  const views = {
    "": () => {
      const list = part("tasks");
      const groups = [["verify", words.wordToVerify], ["handle", words.wordToHandle]];
      list.replaceChildren();
      for (const [group, title] of groups) {
        const tasks = (work?.tasks || []).filter((task) => task.group === group);
        if (!tasks.length) continue;
        const head = document.createElement("h2");
        head.textContent = `${title} ${tasks.length}`;
        const ul = document.createElement("ul");
        ul.className = "tasklist";
        for (const task of tasks) {
          const li = document.createElement("li");
          li.innerHTML = task.card; // drawn by the server, escaped there
          if (waiting.has(task.slug)) li.append(clone("waiting-note"));
          ul.append(li);
        }
        list.append(head, ul);
      }
      part("tasks-empty").hidden = Boolean(work?.tasks?.length) || !work;
      asOf();
    },
    task: async () => {
      const task = work?.tasks.find((each) => each.slug === slug);
      part("task").hidden = !task;
      part("task-missing").hidden = Boolean(task) || !work;
      if (!task || part("task").dataset.slug === slug) return;
      part("task").dataset.slug = slug;
      part("task").innerHTML = task.detail; // drawn by the server, escaped there
      await showShots(part("task"));
      if (task.may_send) {
        const name = `draft:${slug}`;
        const made = forms.make(task.group === "verify" ? "form-verify" : "form-answer", { title: task.title, name, submit });
        made.elements.slug.value = slug;
        made.elements.version.value = task.version ?? "";
        part("task").append(made);
        await forms.restore(made, name);
      }
      asOf();
    },
    patrol: async () => {
      if (!work) return;
      const isNew = !part("patrol").firstElementChild;
      const made = isNew ? forms.make("form-find", { name: "draft:patrol", submit }) : part("patrol").firstElementChild;
      const told = JSON.stringify(work.categories); // they change with the language and with the town's list; what is chosen stays
      if (!isNew && made.told === told) return;
      made.told = told;
      chooseFrom(made.elements.category, work.categories);
      if (!isNew) return;
      part("patrol").append(made);
      await forms.restore(made, "draft:patrol");
    },
    edit: async () => {
      if (part("edit").firstElementChild) return;
      const [entry, me] = [await store.item(slug), (await store.kept("me"))?.owner];
      if (!entry || entry.state !== "refused" || entry.owner !== me) return location.replace("/field/outbox/");
      const made = forms.make(`form-${entry.kind}`, { title: entry.title, atOnce: false, submit: (form, said) => submit(form, said, entry) });
      if (made.elements.category) chooseFrom(made.elements.category, work?.categories);
      if (made.elements.slug) made.elements.slug.value = entry.fields.slug;
      part("edit").append(made);
      forms.fill(made, entry);
      forms.problem(made, entry.sentence, entry.field);
    },
    outbox: async () => {
      const me = (await store.kept("me"))?.owner;
      const all = await store.items();
      const mine = all.filter((entry) => entry.owner === me).reverse();
      const list = part("outbox");
      list.replaceChildren();
      for (const entry of mine) {
        const li = clone("outbox-item");
        li.dataset.state = entry.state;
        li.dataset.key = entry.key;
        li.querySelector("[data-title]").textContent = entry.title || words[`word${entry.kind[0].toUpperCase()}${entry.kind.slice(1)}`];
        li.querySelector("[data-kind]").textContent = words[`word${entry.kind[0].toUpperCase()}${entry.kind.slice(1)}`];
        const at = li.querySelector("time");
        at.dateTime = entry.made_at;
        at.textContent = time(entry.made_at);
        li.querySelector("[data-text]").textContent = entry.fields.text || "";
        const count = entry.photos.length || entry.photo_count || 0;
        li.querySelector("[data-photos]").textContent = count ? say(words.wordPhotos, { n: count }) : "";
        for (const chip of li.querySelectorAll("[data-when]")) chip.hidden = chip.dataset.when !== entry.state;
        const link = li.querySelector("[data-link]");
        link.hidden = !entry.url;
        if (entry.url) {
          link.href = entry.url;
          link.textContent = entry.number || entry.url;
        }
        const sentence = li.querySelector("[data-sentence]");
        sentence.hidden = !entry.sentence;
        sentence.textContent = entry.sentence || "";
        const acts = li.querySelector("[data-acts]");
        acts.hidden = entry.state !== "refused";
        acts.querySelector("[data-edit]").href = `/field/edit/${entry.key}/`;
        acts.querySelector("[data-again]").addEventListener("click", async () => {
          await store.change({ ...entry, state: "waiting", sentence: "" });
          await exchange();
        });
        acts.querySelector("[data-drop]").addEventListener("click", async (event) => {
          if (event.currentTarget.dataset.sure !== "yes") {
            event.currentTarget.dataset.sure = "yes";
            event.currentTarget.textContent = words.wordSure;
            return;
          }
          await store.remove(entry.key);
          await draw();
        });
        list.append(li);
      }
      part("outbox-empty").hidden = mine.length > 0;
      const others = all.filter((entry) => entry.owner !== me && entry.state !== "taken").length;
      part("outbox-others").hidden = !others;
      part("outbox-others").querySelector("[data-words]").textContent = say(words.wordOthers, { n: others });
    },
  };

  function asOf() {
    const line = part("as-of");
    line.hidden = !work;
    if (work) line.textContent = say(words.wordAsOf, { time: time(work.as_of) });
  }

  function ask(needed) {
    part("sign-in").hidden = !needed;
    part("sign-in").querySelector("a").href = `/sign-in/?next=${encodeURIComponent(location.pathname)}`; // back to what was being written
    if (needed) part("sign-in").scrollIntoView({ block: "nearest" });
  }

  const waiting = new Set();
  async function draw() {
    const all = await store.items();
    const me = (await store.kept("me"))?.owner;
    waiting.clear();
    let count = 0;
    for (const entry of all) {
      if (entry.owner !== me || entry.state === "taken") continue;
      count += 1;
      if (entry.fields.slug) waiting.add(entry.fields.slug);
    }
    const net = document.querySelector("[data-net]");
    net.dataset.net = navigator.onLine ? "online" : "offline";
    net.querySelector("[data-words]").textContent = navigator.onLine ? (count ? say(words.wordWaiting, { n: count }) : words.wordOnline) : say(count ? words.wordOfflineWaiting : words.wordOffline, { n: count });
    net.hidden = false;
    for (const name of ["", "task", "patrol", "edit", "outbox"]) {
      const section = app.querySelector(`[data-view="${name}"]`);
      if (section) section.hidden = name !== (view || "");
    }
    await views[view in views ? view : ""]();
    app.dataset.ready = "";
  }

  // -- with the server -----------------------------------------------------------------------------------------------------
  async function fetchWork() {
    let answer;
    try {
      answer = await fetch("/field/work.json", { credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
    } catch {
      return;
    }
    if (answer.status === 401) {
      work = null;
      await store.forget("work"); // whoever holds the phone now has not signed in
      ask(true);
      return;
    }
    if (answer.status === 403) {
      part("refused").hidden = false;
      part("refused").querySelector("[data-words]").textContent = (await answer.json().catch(() => ({}))).title || "";
      return;
    }
    if (!answer.ok) return;
    const said = await answer.json();
    await store.keep("me", { owner: said.owner, person: said.person });
    await store.keep("csrf", { token: said.csrf });
    await store.keep("work", said);
    work = said;
    ask(false);
    await keepShots(said);
  }

  // Keep the pictures of my tasks on the phone, small, as long as the tasks are mine.
  async function keepShots(said) {
    const wanted = new Set(said.tasks.flatMap((task) => task.shots || []));
    try {
      for (const name of await store.names("shot:")) if (!wanted.delete(name.slice(5))) await store.forget(name);
      for (const address of wanted) {
        const answer = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(15000) });
        if (answer.ok) await store.keep(`shot:${address}`, { blob: await answer.blob() });
      }
    } catch {
      // the network has gone, or the phone is full: a task without its picture is still a task
    }
  }

  let busy = null;
  function exchange() {
    busy = (busy || Promise.resolve()).then(async () => {
      if (navigator.onLine) {
        await fetchWork();
        const counts = await store.sendAll();
        if (counts.signIn) ask(true);
        if (counts.taken) await fetchWork();
      }
      await draw();
    });
    return busy;
  }

  addEventListener("online", exchange);
  addEventListener("offline", draw);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && exchange());
  document.querySelector("[data-send-now]")?.addEventListener("click", exchange);
  setInterval(() => navigator.onLine && store.items().then((all) => all.some((entry) => entry.state === "waiting") && exchange()), 20000);
  navigator.serviceWorker?.addEventListener("message", (event) => {
    if (event.data?.kind === "outbox-sent") exchange();
  });

  (async () => {
    work = (await store.kept("work")) || null;
    await draw(); // what is kept shows at once, before the network says anything
    if ("serviceWorker" in navigator) navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }).catch((error) => console.warn("offline:", error));
    navigator.storage?.persist?.();
    await exchange();
    if (!navigator.onLine && !(await store.kept("me"))) ask(true);
  })();
})();
