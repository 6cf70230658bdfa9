// Checks proofs on the reader's own device: the hashes are computed here, nothing is taken on trust but the signed head.
"use strict";

(() => {
  const box = document.querySelector("[data-proofs]");
  if (!box || !crypto.subtle) return;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  const hex = (raw) => [...raw].map((value) => value.toString(16).padStart(2, "0")).join("");
  const base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const sha256 = async (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };
  const node = (left, right) => sha256(Uint8Array.of(1), left, right);

  async function rootOf(proof, size) { // RFC 9162, 2.1.3.2
    let number = proof.index;
    let last = size - 1;
    let found = await sha256(Uint8Array.of(0), new TextEncoder().encode(proof.leaf));
    for (const step of proof.hashes) {
      if (last === 0) return null;
      const sibling = bytes(step);
      if (number % 2 || number === last) {
        found = await node(sibling, found);
        while (number % 2 === 0 && number) { number = Math.floor(number / 2); last = Math.floor(last / 2); }
      } else found = await node(found, sibling);
      number = Math.floor(number / 2);
      last = Math.floor(last / 2);
    }
    return last ? null : hex(found);
  }

  async function signed({ note, vkey }) {
    try {
      const raw = base64(vkey.slice(vkey.indexOf("+", vkey.indexOf("+") + 1) + 1));
      const cut = note.lastIndexOf("\n\n");
      const line = note.slice(cut + 2).split("\n").find((each) => each.startsWith(`— ${vkey.slice(0, vkey.indexOf("+"))} `));
      const known = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", known, base64(line.split(" ")[2]).slice(4), new TextEncoder().encode(note.slice(0, cut + 1)));
    } catch {
      return undefined; // this browser knows no Ed25519: the hashes are checked, the signature is not
    }
  }

  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  async function check() {
    box.dataset.proofs = "checking";
    const began = performance.now();
    try {
      const answer = await fetch(box.dataset.address, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const [, size, root] = told.checkpoint.note.split("\n");
      let good = 0;
      for (const proof of told.proofs) if ((await rootOf(proof, Number(size))) === hex(base64(root))) good += 1;
      const holds = await signed(told.checkpoint);
      const whole = good === told.proofs.length && holds !== false;
      box.dataset.proofs = whole ? "whole" : "broken";
      part("title").textContent = (whole ? box.dataset.wordWhole : box.dataset.wordBroken).replace("%(n)s", told.proofs.length).replace("%(bad)s", told.proofs.length - good);
      part("note").textContent = box.dataset.wordSpent.replace("%(seconds)s", ((performance.now() - began) / 1000).toFixed(1));
      const sign = part("signature");
      if (sign) sign.textContent = holds ? box.dataset.wordSigned : holds === false ? box.dataset.wordForged : box.dataset.wordUnsigned;
    } catch {
      box.dataset.proofs = "unknown";
      part("note").textContent = box.dataset.wordFailed;
    }
  }
  box.querySelector("[data-again]")?.addEventListener("click", check);
  check();
})();
