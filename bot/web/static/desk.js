// The desk's keys, canned reasons, and a queue that stays fresh. Everything works without this file too.
import { localise } from "./times.js";
import "./compare.js";
import "./viewer.js";

const rows = () => [...document.querySelectorAll("[data-row]")];
const keys = document.getElementById("keys");
const byKey = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const row = all[Math.min(Math.max(at < 0 && step < 0 ? 0 : at + step, 0), all.length - 1)];
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function use(target) {
  if (target.tagName !== "DETAILS") return target.click();
  target.open = true;
  target.scrollIntoView({ block: "nearest" });
  target.querySelector("form textarea, form button")?.focus();
}

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, textarea, select, dialog[open]");
  if (event.key === "Escape" && event.target.closest("details[open] form")) {
    const details = event.target.closest("details[open]");
    details.open = false;
    details.querySelector("summary").focus();
  }
  if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = byKey(event.key);
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") document.getElementById("q").focus();
  else if (event.key === "?") keys.showModal();
  else if (target) use(target);
  else return;
  event.preventDefault();
});

const help = document.getElementById("keys-open");
help.hidden = false;
help.addEventListener("click", () => keys.showModal());

for (const canned of document.querySelectorAll("[data-canned]")) {
  const text = document.getElementById(canned.dataset.canned);
  canned.hidden = false;
  canned.addEventListener("click", (event) => {
    if (!event.target.matches(".pick")) return;
    text.value = [text.value.trim(), event.target.textContent.trim()].filter(Boolean).join("\n");
    text.focus();
  });
}

// A second click must not decide twice; the event's id would stop it, this also shows that the first one counts.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

localise(document);
const queue = document.getElementById("queue");
if (queue && queue.dataset.viewName !== "search") {
  setInterval(async () => {
    if (document.hidden || queue.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["#queue", ".tabs"]) {
      const [now, then] = [document.querySelector(part), page.querySelector(part)];
      if (then && now.innerHTML !== then.innerHTML) now.innerHTML = then.innerHTML;
    }
  }, 20_000);
}
