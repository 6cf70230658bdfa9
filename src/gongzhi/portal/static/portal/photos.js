// Photos are made smaller on the device: less to send, and what the camera wrote into the file (place, time) is gone.
//
//   <input type="file" multiple data-photos>            scaled files replace the chosen ones
//   <div data-photo-previews="<id of the input>"></div> small pictures of them, with a button to take one away
"use strict";

(() => {
  const LONGEST = 1600;

  async function scaled(file) {
    if (!file.type.startsWith("image/") || file.type === "image/gif") return file;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return file; // a kind this browser cannot read: the server decides
    }
    const factor = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * factor));
    canvas.height = Math.max(1, Math.round(bitmap.height * factor));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
    if (!blob) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  }

  function previews(input) {
    const place = document.querySelector(`[data-photo-previews="${input.id}"]`);
    if (!place) return;
    for (const image of place.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    place.replaceChildren(
      ...[...input.files].map((file, i) => {
        const figure = document.createElement("figure");
        figure.className = "photo";
        const image = document.createElement("img");
        image.alt = file.name;
        image.src = URL.createObjectURL(file);
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "photo-remove";
        remove.textContent = "×";
        remove.setAttribute("aria-label", `${input.dataset.wordRemove || "×"} ${i + 1}`);
        remove.addEventListener("click", () => {
          const rest = new DataTransfer();
          [...input.files].forEach((kept, j) => j !== i && rest.items.add(kept));
          input.files = rest.files;
          previews(input);
          input.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
        });
        figure.append(image, remove);
        return figure;
      }),
    );
  }

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-photos]") || input.dataset.scaling) return;
    input.dataset.scaling = "yes";
    const button = input.form?.querySelector("[type=submit]");
    if (button) button.disabled = true;
    try {
      const files = new DataTransfer();
      if (input.keptFiles) for (const file of input.keptFiles) files.items.add(file); // "one more" adds, it does not replace
      for (const file of input.files) files.items.add(await scaled(file));
      input.files = files.files;
      previews(input);
    } finally {
      delete input.dataset.scaling;
      if (button) button.disabled = false;
      input.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
    }
  });
  document.addEventListener("click", (event) => {
    const input = event.target.closest("label")?.querySelector("input[type=file][data-photos]") || (event.target.matches?.("input[type=file][data-photos]") ? event.target : null);
    if (input) input.keptFiles = [...input.files];
  });

  window.gongzhiPhotos = { scaled, previews };
})();
