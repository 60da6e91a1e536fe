// What the desk's pages do better with a script. Every one of them works without it.
"use strict";

// A fault is read first: the form says it at its top.
document.querySelector("[data-focus]")?.focus();

// A form that is sent twice would do its work twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
