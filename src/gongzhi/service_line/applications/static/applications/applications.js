// A form that keeps itself, and fields that come and go with the answers they hang on. Without this file every step has its buttons.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  const send = async (go) => {
    const body = new FormData(form);
    body.set("go", go);
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    return answer.ok ? answer.text() : "";
  };
  let waiting;
  form?.addEventListener("change", async (event) => {
    clearTimeout(waiting);
    if (!event.target.matches("[data-drives]")) {
      waiting = setTimeout(async () => {
        const html = await send("save");
        if (html) document.getElementById("saved").innerHTML = html;
      }, 600);
      return;
    }
    const { name, value } = event.target;
    const html = await send("fields");
    if (!html) return;
    document.getElementById("fields").outerHTML = html;
    const again = [...form.elements].find((one) => one.name === name && (one.type === "text" || one.value === value));
    again?.focus();
  });
  for (const input of document.querySelectorAll("input[data-sends]")) {
    input.addEventListener("change", () => input.form.requestSubmit(input.form.querySelector("button[value=stay]")));
  }
})();
