// A page as it came laid over the page as we drew it, and switched: what differs jumps. Without this file they stand side by side.

const SWITCHED_EVERY = 1000; // milliseconds, and only while somebody asked for it
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const compares = [...document.querySelectorAll("[data-compare]")];
let blinking = null;
let timer = 0;

const part = (compare, name) => compare.querySelector(`[data-do="${name}"]`);

function named(compare, state) {
  const words = compare.querySelector('[data-do="swap"] span');
  words.textContent = words.dataset[state];
}

function show(compare, which) {
  compare.classList.add("over");
  compare.dataset.shown = which;
  part(compare, "apart").hidden = false;
  named(compare, "over");
  const status = compare.querySelector('[role="status"]');
  if (blinking !== compare) status.textContent = status.dataset[which]; // told by hand only: nobody listens to a blink
  for (const image of compare.querySelectorAll(".scan img, .drawn img")) image.loading = "eager";
}

function swap(compare) {
  show(compare, compare.dataset.shown === "scan" ? "drawn" : "scan");
}

function rest() {
  clearInterval(timer);
  if (blinking) part(blinking, "blink").setAttribute("aria-pressed", "false");
  blinking = null;
}

function blink(compare) {
  const again = blinking === compare;
  rest();
  if (again || calm.matches) return;
  blinking = compare;
  part(compare, "blink").setAttribute("aria-pressed", "true");
  swap(compare);
  timer = setInterval(() => swap(compare), SWITCHED_EVERY);
}

function apart(compare) {
  if (blinking === compare) rest();
  compare.classList.remove("over");
  delete compare.dataset.shown;
  part(compare, "apart").hidden = true;
  named(compare, "apart");
  compare.querySelector('[role="status"]').textContent = "";
}

function swapByHand(compare) {
  rest();
  swap(compare);
}

const doing = { swap: swapByHand, blink, apart };

/** The one that has the focus, is laid over, or is seen first. */
function meant() {
  const focused = document.activeElement?.closest(".look")?.querySelector("[data-compare]");
  const seen = (compare) => compare.checkVisibility() && compare.getBoundingClientRect().bottom > 80;
  const open = compares.filter(seen);
  return (focused && seen(focused) && focused) || open.find((one) => one.classList.contains("over")) || open[0];
}

function inMotion() {
  for (const compare of compares) {
    part(compare, "blink").hidden = calm.matches;
    compare.querySelector(".compare-still").hidden = !calm.matches;
  }
  if (calm.matches) rest();
}

for (const compare of compares) {
  compare.querySelector(".compare-bar").hidden = false;
  compare.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) doing[button.dataset.do](compare);
    if (button?.dataset.do === "apart") part(compare, "swap").focus();
  });
}
calm.addEventListener("change", inMotion);
inMotion();

const keys = { b: "swap", v: "blink", Escape: "apart" };
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const compare = keys[event.key] && meant();
  if (!compare || (event.key === "Escape" && !compare.classList.contains("over"))) return;
  doing[keys[event.key]](compare);
  event.preventDefault();
});
