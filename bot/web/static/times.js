// Times as this browser's clock and calendar tell them. The server wrote them in the zone it knew.

const data = document.body.dataset;
// The page's language as this person writes it: an English page tells the time to a Briton in the British way.
const written = document.documentElement.lang;
const language = navigator.languages.find((one) => one.split("-")[0] === written.split("-")[0]) || written;
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const dayOf = (at) => `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;

function dayName(at) {
  const now = new Date();
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayOf(at) === dayOf(now)) return data.wordToday;
  if (dayOf(at) === dayOf(before)) return data.wordYesterday;
  return calendar.format(at);
}

/** Put the times under `root` right, and a line between the days of a log. */
export function localise(root) {
  for (const time of root.querySelectorAll("time.at")) time.textContent = clock.format(new Date(time.dateTime));
  for (const time of root.querySelectorAll("time[data-moment]")) time.textContent = moment.format(new Date(time.dateTime));
  const log = root.id === "log" ? root : root.querySelector("#log");
  if (!log) return;
  let day = "";
  for (const line of log.querySelectorAll(".line")) {
    const at = new Date(line.dataset.at);
    const before = line.previousElementSibling;
    let between = before?.classList.contains("day") ? before : null;
    if (dayOf(at) === day) between?.remove();
    else {
      if (!between) line.before((between = document.createElement("p")));
      between.className = "day";
      // Only what changed is written: the log is read aloud as it changes.
      if (between.textContent !== dayName(at)) between.textContent = dayName(at);
    }
    day = dayOf(at);
  }
}
