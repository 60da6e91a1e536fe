// A conversation's page with a script: it knows the key with which the inbox acknowledges.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key !== "a" || event.target.matches("input, select, textarea")) return;
  const button = document.querySelector("[data-acknowledge]");
  if (!button) return;
  button.click();
  event.preventDefault();
});
