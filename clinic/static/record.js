// Copying and printing a record; without a script the words can be marked, and the browser prints.
"use strict";

const record = document.getElementById("record");
document.querySelector("[data-scripted]").hidden = false;
document.querySelector("[data-print]").addEventListener("click", () => window.print());
document.querySelector("[data-copy]").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(record.innerText);
  } catch {
    // Not by https, or not allowed: mark it, so that the person can copy it.
    getSelection().selectAllChildren(record);
    document.execCommand("copy");
  }
  document.querySelector("[data-copied]").hidden = false;
});
