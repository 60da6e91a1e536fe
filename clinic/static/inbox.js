// The inbox with a script: it stays fresh by itself, and knows keys.
"use strict";

const live = document.getElementById("live");
const rows = () => [...document.querySelectorAll(".row-link")];
const typing = (element) => element.matches("input, select, textarea");

function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "a") document.activeElement.closest(".row")?.querySelector("[data-acknowledge]")?.click();
  else if (event.key === "/") document.querySelector("[data-search]")?.focus();
  else return;
  event.preventDefault();
});

// --- Fresh by itself ---------------------------------------------------------------------------

const EVERY = 5000; // milliseconds, while the page is looked at
let tag = "";
let failures = 0;

function show(count) {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count > 0 ? `(${count}) ${title}` : title;
  const icon = document.querySelector("link[rel=icon]");
  const at = live.dataset.badge.replace(/\d+(?=\.svg)/, String(count));
  if (icon && icon.getAttribute("href") !== at) icon.setAttribute("href", at);
}

async function refresh() {
  const asked = { credentials: "same-origin", headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" };
  try {
    const answer = await fetch(live.dataset.live, asked);
    if (answer.status === 401 || answer.status === 403) return location.reload();
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") || "";
      const words = await answer.text();
      // Somebody who has begun to use a row is not disturbed: the list waits.
      const focused = document.activeElement?.closest?.("#live .row")?.dataset.id;
      const button = document.activeElement?.matches?.("[data-acknowledge]");
      live.innerHTML = words;
      show(Number(answer.headers.get("Backline-Waiting")));
      if (focused) {
        const row = live.querySelector(`.row[data-id="${focused}"]`);
        (button ? row?.querySelector("[data-acknowledge]") : row?.querySelector(".row-link"))?.focus();
      }
    } else if (answer.status !== 304) throw new Error(String(answer.status));
    failures = 0;
  } catch {
    failures += 1;
  }
  document.querySelector(".lost").hidden = failures < 3;
  setTimeout(refresh, document.hidden ? EVERY * 3 : EVERY);
}

if (live?.dataset.live) {
  show(Number(live.querySelector("[data-waiting]")?.dataset.waiting || 0));
  setTimeout(refresh, EVERY);
}
