// The chat page: what is written goes out without a reload, what is answered comes in over one stream of events.
import { Tray } from "./attach.js";
import { localise } from "./times.js";
import "./viewer.js";

const $ = (id) => document.getElementById(id);
const data = document.body.dataset;
const [log, pending, scroll, typing, newer, notice, text, composer] =
  ["log", "pending", "scroll", "typing", "newer", "notice", "text", "composer"].map($);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
const name = document.title;
let last = Number(data.last);
let present = Number(data.asked); // number of the present question
let unread = 0;
const glide = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
let line = Promise.resolve(); // messages leave one after the other, in the order they were written

function uuid() {
  // crypto.randomUUID exists on https and localhost only; a desk on the office network may have neither.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// --- what comes in ---------------------------------------------------------------------------------------------

// The page follows the talk until its reader scrolls up; scrolling down to the end takes it up again.
let following = true;
let touched = 0; // when its reader last moved it; a page that grows or shrinks scrolls too
const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
function toEnd(smooth = true) {
  following = true;
  newer.hidden = true;
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth ? glide : "instant" });
}

/** Down to what is new, but never past the start of the answer: a long one is read from its beginning. */
function toAnswer() {
  const lines = [...log.querySelectorAll(".line")];
  const asked = lines.findLast((one) => one.classList.contains("mine"));
  const latest = lines.at(-1);
  // What comes of itself, hours after the last word, is looked at on its own.
  const answers = asked && new Date(latest.dataset.at) - new Date(asked.dataset.at) < 60_000;
  const first = answers ? lines[lines.indexOf(asked) + 1] || asked : latest;
  const start = first.offsetTop - 80;
  const end = scroll.scrollHeight - scroll.clientHeight;
  scroll.scrollTo({ top: Math.min(end, start), behavior: glide });
  newer.hidden = start >= end - 40;
}

function complain(words) {
  notice.textContent = words;
  notice.hidden = !words;
}

function show(frame) {
  const fresh = document.createElement("template");
  fresh.innerHTML = frame.lines;
  let answered = false;
  for (const item of fresh.content.querySelectorAll(".line")) {
    if ($(item.id)) continue; // the stream and the answer to a post may bring the same line
    item.classList.add("fresh");
    log.append(item);
    if (item.classList.contains("mine")) replace(pending.querySelector(".line:not(.stuck)"), item);
    else answered = true;
  }
  const sent = document.createElement("template");
  sent.innerHTML = frame.again;
  for (const item of sent.content.querySelectorAll(".line")) picture(item);
  for (const [id, value] of frame.chosen) {
    for (const button of $(`m${id}`)?.querySelectorAll(".choice") || []) button.classList.toggle("chosen", button.value === value);
  }
  last = Math.max(last, frame.last);
  settle(frame.asked);
  redraw($("aside"), frame.aside);
  redraw($("head"), frame.head);
  $("sample").hidden = !frame.sampling;
  $("fill").hidden = !frame.filling;
  busy(frame.checking, answered ? false : !typing.hidden);
  localise(log);
  localise($("aside"));
  if (answered && document.hidden) document.title = `(${(unread += 1)}) ${name}`;
  if (answered && following) toAnswer();
  else if (answered) newer.hidden = false;
}

/** Dots while an answer is on its way; with words, and for as long as it takes, while files are looked into. */
function busy(checking, writing) {
  typing.classList.toggle("checking", checking > 0);
  typing.hidden = !checking && !writing;
  typing.dataset.checking = checking;
}

/** A line on its way has arrived: the pictures sent with it stay to be seen. */
function replace(sent, line) {
  if (!sent) return;
  keep(sent.querySelectorAll(".thumbs img"), line.querySelector(".bubble"));
  sent.remove();
}

/** These pictures instead of the bare names of their files, for as long as there is none of the server's. */
function keep(pictures, bubble) {
  const papers = [...bubble.querySelectorAll(".paper")];
  for (const picture of pictures) {
    const paper = papers.find((one) => one.querySelector(".paper-name").textContent === picture.alt);
    if (!paper) continue;
    let thumbs = bubble.querySelector(".thumbs");
    if (!thumbs) {
      thumbs = document.createElement("div");
      thumbs.className = "thumbs";
      papers[0].before(thumbs);
    }
    thumbs.append(picture);
    papers.splice(papers.indexOf(paper), 1);
    paper.remove();
  }
}

/** A line that stands here, drawn anew once there are pictures of what was sent with it. */
function picture(item) {
  const [now, then] = [$(item.id)?.querySelector(".bubble"), item.querySelector(".bubble")];
  const links = (bubble) => [...bubble.querySelectorAll("a")].map((link) => link.getAttribute("href")).join();
  if (!now || (now.dataset.drawn ?? links(now)) === links(then)) return;
  then.dataset.drawn = links(then); // as the server has it; below, pictures may stand in for some of it
  keep(now.querySelectorAll('.thumbs img[src^="blob:"]'), then);
  now.replaceWith(then);
  if (following) toAnswer();
}

/** Only the present question's buttons, and those that stand, can be pressed; a press on its way keeps them closed. */
function settle(asked) {
  present = Math.max(present, asked); // an answer may come after a newer one
  const seen = new Set(); // a question asked again repeats its buttons: the newest are the ones to press
  for (const form of [...log.querySelectorAll(".choices")].reverse()) {
    const same = [...form.querySelectorAll("button[value], option")].map((one) => one.value).join("\n");
    const due = form.dataset.stands ? form.dataset.stands === "yes" : Number(form.dataset.asked) === present;
    const open = due && !form.dataset.sent && !seen.has(same);
    seen.add(same);
    close(form, !open);
  }
}

/** Buttons of a question that is over: seen, but pressed and read out no more. */
function close(form, over) {
  form.classList.toggle("done", over);
  form.ariaHidden = over ? "true" : null;
  for (const part of form.querySelectorAll("button, select")) part.disabled = over;
}

function redraw(place, html) {
  if (place.dataset.drawn === html) return;
  const inside = place.contains(document.activeElement) && document.activeElement.value;
  place.innerHTML = html;
  place.dataset.drawn = html;
  if (inside) [...place.querySelectorAll("button")].find((button) => button.value === inside)?.focus();
}

function listen() {
  const stream = new EventSource(`/events?after=${last}`);
  let lost = 0;
  stream.addEventListener("open", () => {
    clearTimeout(lost);
    $("offline").hidden = true;
  });
  stream.addEventListener("turn", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    clearTimeout(lost);
    lost = setTimeout(() => ($("offline").hidden = false), 3000);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 4000); // the browser itself gave up
  });
}

// --- what goes out ---------------------------------------------------------------------------------------------

/** Post with upload progress. Resolves to what the server said; rejects with words for the person. */
function post(url, body, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", data.csrf);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    // A photo may take minutes on a poor line: only one that stands still is given up.
    let still = 0;
    const moves = (patience) => {
      clearTimeout(still);
      still = setTimeout(() => request.abort(), patience);
    };
    moves(60_000);
    request.upload.addEventListener("progress", (event) => {
      moves(60_000);
      if (event.lengthComputable) progress?.(event.loaded / event.total);
    });
    request.upload.addEventListener("load", () => moves(180_000)); // it is all there: now for the answer
    request.addEventListener("loadend", () => clearTimeout(still));
    request.addEventListener("load", () => {
      if (request.status === 200 && request.response) resolve(request.response);
      else reject(new Error(request.response?.error || data.wordFailed));
    });
    for (const trouble of ["error", "timeout", "abort"]) request.addEventListener(trouble, () => reject(new Error(data.wordFailed)));
    request.send(body);
  });
}

/** Show it at once, send it in its turn, keep it with a button when it fails. A retry is the same event. */
function send(url, fields, words, files = []) {
  const item = $("t-line").content.firstElementChild.cloneNode(true);
  const [bubble, bar, state, failed] = [".text", "progress", ".at", ".failed"].map((part) => item.querySelector(part));
  bubble.textContent = [words, ...files.filter((file) => !file.type.startsWith("image/")).map((file) => file.name)].filter(Boolean).join("\n");
  const pictures = files.filter((file) => file.type.startsWith("image/")).map((file) => {
    const picture = new Image();
    picture.src = URL.createObjectURL(file);
    picture.alt = file.name;
    return picture;
  });
  item.querySelector(".thumbs").append(...pictures);
  item.querySelector(".thumbs").hidden = !pictures.length;
  pending.append(item);
  toEnd();

  const body = new FormData();
  for (const [key, value] of Object.entries({ event: uuid(), order: last, time_zone: zone, ...fields })) body.append(key, value);
  for (const file of files) body.append("files", file, file.name);
  const wording = state.textContent;
  const attempt = async () => {
    item.classList.remove("stuck");
    failed.hidden = true;
    bar.hidden = !files.length;
    state.textContent = wording;
    try {
      const frame = await post(url, body, (share) => (bar.value = share));
      busy(frame.checking, true);
      setTimeout(() => busy(Number(typing.dataset.checking), false), 8000);
      show(frame);
      item.remove();
      if (frame.notice) complain(frame.notice);
      return true;
    } catch (error) {
      item.classList.add("stuck");
      state.textContent = "";
      bar.hidden = true;
      failed.firstElementChild.textContent = error.message;
      failed.hidden = false;
      toEnd();
      return false;
    }
  };
  const queue = () => (line = line.then(attempt));
  failed.querySelector("button").addEventListener("click", queue);
  return queue();
}

const tray = new Tray(complain);
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value;
  const files = tray.take();
  if (!words.trim() && !files.length) return text.focus();
  complain("");
  text.value = "";
  grow();
  send(composer.action, { text: words }, words, files);
  text.focus();
});

text.addEventListener("keydown", (event) => {
  // On a phone the key makes a new line, as in other chats there: the button sends.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  composer.requestSubmit();
});
function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}
text.addEventListener("input", grow);

/** Where the next word is written; on a phone that would open its keyboard over the answer, so there it is the talk. */
function rest() {
  (matchMedia("(pointer: fine)").matches ? text : scroll).focus({ preventScroll: true });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.id === "sample" || form.id === "fill") {
    event.preventDefault();
    button.disabled = true;
    await send(form.action, button.name ? { [button.name]: button.value } : {}, button.textContent.trim());
    button.disabled = false;
  } else if (form.action.endsWith("/press")) {
    event.preventDefault();
    const question = form.dataset.asked;
    const list = form.querySelector("select");
    const choice = list ? list.value : button.value;
    const words = question === undefined ? choice : (list?.selectedOptions[0] || button).textContent.trim();
    if (question !== undefined) {
      form.dataset.sent = "yes";
      button.classList.add("chosen");
      close(form, true);
    }
    if (location.hash === "#registration") location.hash = "#latest";
    rest();
    await send(form.action, { choice, ...(question === undefined ? {} : { asked: question }) }, words);
  }
});

// --- around it -------------------------------------------------------------------------------------------------

newer.addEventListener("click", () => toEnd());
for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  scroll.addEventListener(kind, (event) => {
    // A pressed button is no scrolling; the bar at the side and the arrow keys belong to the region itself.
    if (event.target === scroll || kind === "wheel" || kind === "touchmove") touched = Date.now();
  }, { passive: true });
}
scroll.addEventListener("scroll", () => {
  if (atEnd()) newer.hidden = true;
  if (Date.now() - touched < 800) following = atEnd();
}, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = name;
});
addEventListener("hashchange", () => {
  if (location.hash === "#registration") $("registration").focus();
  else if (location.hash === "#latest") rest();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#registration") location.hash = "#latest";
});
if (location.search) history.replaceState(null, "", location.pathname + location.hash);

localise(document);
toEnd(false);
addEventListener("load", () => toEnd(false));
if (matchMedia("(pointer: fine) and (min-width: 901px)").matches) text.focus({ preventScroll: true });
listen();
