// A long export in parts: how far it is, and the file when all of them are there.
"use strict";

const parts = document.getElementById("parts");
if (parts) {
  const starts = parts.dataset.starts.split(" ").filter(Boolean);
  starts.unshift(""); // the first part begins before every conversation
  const part = (name) => parts.querySelector(`[data-${name}]`);
  const got = [];

  const show = (done) => {
    parts.querySelector("progress").value = done;
    const total = Number(parts.dataset.total);
    const each = total / starts.length;
    part("far").textContent = parts.dataset.doing.replace("#", Math.min(Math.round(done * each), total));
  };

  const fetchAll = async () => {
    part("failed").hidden = true;
    part("again").hidden = true;
    try {
      while (got.length < starts.length) {
        const form = new FormData(parts);
        form.set("after", starts[got.length]);
        form.set("until", starts[got.length + 1] || "");
        const answer = await fetch(parts.action, { method: "POST", body: form, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        got.push(await answer.blob());
        show(got.length);
      }
    } catch {
      part("failed").hidden = false;
      part("again").hidden = false;
      return;
    }
    const link = part("get");
    link.href = URL.createObjectURL(new Blob(got));
    link.hidden = false;
    part("done").hidden = false;
    link.focus();
  };

  document.getElementById("whole").hidden = true;
  parts.hidden = false;
  part("again").addEventListener("click", fetchAll);
  parts.addEventListener("submit", (event) => event.preventDefault());
  show(0);
  fetchAll();
}
