// The page without leaving it: what a form does is done, and the parts of the page that changed are
// put in their place. Without this script the forms do the same by themselves.

const words = document.body.dataset;
const notice = document.getElementById("notice");
const aloud = document.getElementById("aloud");
const TOO_LONG_MS = 25_000; // longer than the line itself may take

// --- One act after the other ----------------------------------------------------------------------

let underWay = Promise.resolve();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const part = form.closest("section");
  if (!part) return; // a new phone, another language: the page is loaded anew
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const act = { url: form.action, fields, part, typed: take(form) };
  underWay = underWay.then(() => perform(act));
});

async function perform(act) {
  say("");
  silence();
  act.part.setAttribute("aria-busy", "true");
  const shown = pending(act);
  try {
    const answer = await fetch(act.url, {
      method: "POST",
      body: act.fields,
      signal: AbortSignal.timeout(TOO_LONG_MS),
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("notice")) throw new Error("no page of ours");
    update(page);
    if (!answer.ok) {
      putBack(act);
      say(page.getElementById("notice").textContent.trim() || words.failed);
    }
  } catch {
    putBack(act);
    say(words.offline, act);
  } finally {
    shown?.remove();
    act.part.removeAttribute("aria-busy");
  }
}

// What was typed leaves its field at once, and comes back if it could not be sent.
function take(form) {
  const field = form.querySelector("textarea, input[name=words]");
  if (!field) return null;
  const typed = { id: field.id, words: field.value };
  field.value = "";
  return typed;
}

// Where the call is over, what was to be said in it can still be texted.
function putBack(act) {
  if (!act.typed) return;
  const field = document.getElementById(act.typed.id) ?? document.getElementById("text-words");
  if (!field.value) field.value = act.typed.words;
}

function pending(act) {
  const list = act.part.querySelector("ol.talk");
  const said = act.fields.get("words") || act.fields.get("key");
  if (!list || !said) return null;
  const item = document.createElement("li");
  item.className = "person pending";
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.textContent = said;
  const note = document.createElement("p");
  note.className = "size";
  note.textContent = words.pending;
  item.append(bubble, note);
  list.append(item);
  return item;
}

function say(sentence, act) {
  notice.replaceChildren();
  if (!sentence) return;
  const paragraph = document.createElement("p");
  paragraph.textContent = sentence;
  if (act) {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = words.again;
    again.addEventListener("click", () => {
      // The same fields, so that what did arrive is not taken twice.
      const field = act.typed && document.getElementById(act.typed.id);
      if (field && field.value === act.typed.words) field.value = "";
      underWay = underWay.then(() => perform(act));
    });
    paragraph.append(again);
  }
  notice.append(paragraph);
}

// --- Parts of the page ----------------------------------------------------------------------------

function update(page) {
  const fresh = [];
  for (const list of document.querySelectorAll("[data-grows]")) {
    fresh.push(...grow(list, page.getElementById(list.id)));
  }
  for (const part of document.querySelectorAll("[data-swaps]")) {
    swap(part, page.getElementById(part.id));
  }
  document.getElementById("text-sid").value = page.getElementById("text-sid").value;
  equip();
  speak(fresh.filter((item) => item.closest("#spoken") && item.classList.contains("line")));
}

// Only what is new is put in, so that a screen reader reads that and nothing twice.
function grow(list, wanted) {
  const fresh = [];
  const ids = new Set(Array.from(wanted.children, (item) => item.id));
  for (const item of Array.from(list.children)) {
    if (!ids.has(item.id)) item.remove();
  }
  let place = list.firstElementChild;
  for (const item of Array.from(wanted.children)) {
    const known = document.getElementById(item.id);
    if (known && known === place) {
      place = place.nextElementSibling;
    } else {
      item.classList.add("fresh");
      list.insertBefore(item, place);
      fresh.push(item);
    }
  }
  const scrolled = list.closest(".screen, .turns");
  if (fresh.length && scrolled) scrolled.scrollTop = 0; // in either direction, where the newest is
  return fresh;
}

function swap(part, wanted) {
  if (part.innerHTML === wanted.innerHTML && !part.contains(document.activeElement)) return;
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  const typed = part.querySelector("#say-words")?.value;
  const badly = part.querySelector("#say-badly")?.checked;
  part.replaceChildren(...wanted.childNodes);
  const field = part.querySelector("#say-words");
  if (field && typed && !field.value) field.value = typed;
  const box = part.querySelector("#say-badly");
  if (box && badly) box.checked = true;
  if (focused) {
    const again = document.getElementById(focused) ?? part.querySelector("[data-first]");
    again?.focus();
  }
}

// --- Another country ------------------------------------------------------------------------------

// Not at once: whoever walks through the list with the keyboard would lose the phone at each step.
document.getElementById("locale").addEventListener("change", (event) => {
  const another = !event.target.selectedOptions[0].defaultSelected;
  document.getElementById("new-phone").classList.toggle("primary", another);
  document.getElementById("country-hint").classList.toggle("due", another);
});

// --- Keys -------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { target, key } = event;
  if (target.id === "text-words" && key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    target.form.requestSubmit(target.form.querySelector("button.primary"));
    return;
  }
  if (!target.closest("#call") || target.matches("input, textarea, select")) return;
  for (const button of document.querySelectorAll("#keypad button")) {
    if (button.value === key) {
      event.preventDefault();
      button.focus();
      button.click();
    }
  }
});

// --- Aloud ------------------------------------------------------------------------------------------

const voice = window.speechSynthesis;

function silence() {
  voice?.cancel();
}

function speak(items) {
  if (!voice || aloud.getAttribute("aria-pressed") !== "true") return;
  for (const item of items) {
    const bubble = item.querySelector(".bubble");
    const said = new SpeechSynthesisUtterance(bubble.textContent);
    said.lang = bubble.lang;
    said.rate = 0.9; // as the line itself speaks
    voice.speak(said);
  }
}

if (voice) {
  aloud.hidden = false;
  aloud.addEventListener("click", () => {
    const on = aloud.getAttribute("aria-pressed") !== "true";
    aloud.setAttribute("aria-pressed", String(on));
    silence();
    if (!on) return;
    // What was said last, so that turning it on is heard.
    const items = Array.from(document.querySelectorAll("#spoken > li"));
    const before = items.findLastIndex((item) => !item.classList.contains("line"));
    speak(items.slice(before + 1));
  });
}

// --- The browser's recogniser -------------------------------------------------------------------------

const Recogniser = window.SpeechRecognition ?? window.webkitSpeechRecognition;

function equip() {
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  const button = document.getElementById("listen");
  if (!button || !Recogniser) return;
  button.hidden = false;
  document.getElementById("listen-hint").hidden = false;
}

document.addEventListener("click", (event) => {
  if (event.target.id === "listen") listen(event.target);
});

function listen(button) {
  const recogniser = new Recogniser();
  const spoken = document.querySelectorAll("#spoken .line .bubble");
  recogniser.lang = spoken[spoken.length - 1]?.lang || document.documentElement.lang;
  const label = button.textContent;
  silence();
  say("");
  button.textContent = words.listening;
  button.setAttribute("aria-pressed", "true");
  recogniser.addEventListener("result", (event) => {
    const [best] = event.results[0];
    const field = document.getElementById("say-words");
    field.value = best.transcript;
    document.getElementById("say-confidence").value = String(best.confidence);
    field.form.requestSubmit(document.getElementById("say-send"));
  });
  recogniser.addEventListener("error", () => say(words.unheard));
  recogniser.addEventListener("end", () => {
    button.textContent = label;
    button.setAttribute("aria-pressed", "false");
  });
  recogniser.start();
}

equip();
