// Live pages: one stream of facts, parts of the page fetched afresh when something happened.
//
//   <div data-live="/live/?token=…" data-live-refresh="#figures, #newest" data-live-kinds="case reading">
//
// Each element that `data-live-refresh` names must have hx-get and hx-trigger="refresh". A refresh happens at most once
// a second, and once more at the end of a burst. Every message is also dispatched as a "live" event on the element
// (detail = the message), and `[data-live-state]` shows whether the stream is open.
"use strict";

(() => {
  const LEAST_GAP = 1000;

  function throttled(action, gap) {
    let last = 0;
    let waiting = 0;
    return () => {
      if (waiting) return;
      const wait = Math.max(0, last + gap - Date.now());
      waiting = setTimeout(() => {
        waiting = 0;
        last = Date.now();
        action();
      }, wait);
    };
  }

  class Live {
    constructor(element) {
      this.element = element;
      this.kinds = (element.dataset.liveKinds || "").split(/[\s,]+/).filter(Boolean);
      this.refresh = throttled(() => {
        const wanted = element.dataset.liveRefresh;
        if (!wanted || !window.htmx) return;
        for (const part of document.querySelectorAll(wanted)) htmx.trigger(part, "refresh");
      }, Number(element.dataset.liveGap || LEAST_GAP));
      this.heard = null;
      this.delay = 1000;
      this.run();
    }

    async run() {
      for (;;) {
        try {
          await this.listen();
        } catch {
          this.polls = false;
          // the network or the server went away: say so and try again
        }
        if (!this.polls) this.show("lost");
        if (this.ended) return;
        await new Promise((resolve) => setTimeout(resolve, this.delay * (1 + Math.random() / 2)));
        if (!this.polls) this.delay = Math.min(this.delay * 2, 30000);
      }
    }

    async listen() {
      // fetch and not EventSource: a stream names its messages freely, EventSource hears only names known beforehand
      const answer = await fetch(this.element.dataset.live, { headers: { Accept: "text/event-stream" }, cache: "no-store" });
      if (answer.status === 403) {
        this.ended = true; // the address has grown old: the page must be loaded again
        this.show("old");
        return;
      }
      if (answer.status === 503) {
        // every place is taken: ask for the parts now and then, and for a place each time
        this.show("open");
        this.delay = 1000 * Math.max(5, Number(answer.headers.get("Retry-After")) || 20);
        if (this.heard !== null) this.refresh();
        this.heard = Date.now();
        this.polls = true;
        return;
      }
      this.polls = false;
      if (!answer.ok || !answer.body) throw new Error(String(answer.status));
      if (this.heard !== null) this.refresh(); // what happened while we were away
      this.delay = 1000;
      this.heard = Date.now();
      this.show("open");
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        this.heard = Date.now();
        rest += value;
        let end;
        while ((end = rest.indexOf("\n\n")) >= 0) {
          this.take(rest.slice(0, end));
          rest = rest.slice(end + 2);
        }
      }
    }

    take(frame) {
      let kind = "message";
      let data = "";
      for (const line of frame.split("\n")) {
        if (line.startsWith("event:")) kind = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trim();
      }
      if (!data) return;
      let message;
      try {
        message = JSON.parse(data);
      } catch {
        return;
      }
      message.kind = message.kind || kind;
      if (kind !== "again" && this.kinds.length && !this.kinds.includes(kind)) return;
      this.element.dispatchEvent(new CustomEvent("live", { bubbles: true, detail: message }));
      this.refresh();
    }

    show(state) {
      for (const sign of document.querySelectorAll("[data-live-state]")) {
        sign.dataset.liveState = state;
        const words = sign.querySelector("[data-live-words]");
        if (words) words.textContent = sign.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`] || "";
      }
    }
  }

  const started = new WeakSet();
  function start(part) {
    for (const element of part.querySelectorAll("[data-live]")) {
      if (started.has(element) || !element.dataset.live) continue;
      started.add(element);
      new Live(element);
    }
  }
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentNode || document));

  // clocks on walls: <time data-clock>
  const clocks = document.querySelectorAll("[data-clock]");
  if (clocks.length) {
    const tick = () => {
      for (const clock of clocks) {
        const zone = clock.dataset.clock || undefined;
        clock.textContent = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone }).format(new Date());
      }
    };
    tick();
    setInterval(tick, 5000);
  }
})();
