// Pictures of a page, one at a time and as large as it takes to read them. Works on every link with data-view.

const dialog = document.getElementById("viewer");
const image = document.getElementById("viewer-image");
const name = document.getElementById("viewer-name");
const stage = dialog.querySelector(".viewer-stage");
let links = [];
let at = 0;
let zoom = 1;
let turned = 0;

function draw() {
  const sideways = turned % 180 !== 0;
  const [width, height] = [image.naturalWidth || 1, image.naturalHeight || 1];
  const across = sideways ? height : width;
  const fit = Math.min((stage.clientWidth - 16) / across, 1);
  image.style.width = `${width * fit * zoom}px`;
  // A turned picture keeps its unturned box: the margin gives it the room it is seen in.
  const lost = sideways ? ((width - height) * fit * zoom) / 2 : 0;
  image.style.margin = `${lost}px ${-lost}px`;
  image.style.transform = `rotate(${turned}deg)`;
}

function show(index) {
  at = index;
  const link = links[at];
  image.src = link.href;
  image.alt = link.querySelector("img")?.alt || link.title;
  name.textContent = `${image.alt} (${at + 1}/${links.length})`;
  zoom = 1;
  turned = Number(link.dataset.turned || 0);
  stage.scrollTo(0, 0);
  dialog.querySelector('[data-do="previous"]').disabled = at === 0;
  dialog.querySelector('[data-do="next"]').disabled = at === links.length - 1;
}

const doing = {
  previous: () => at > 0 && show(at - 1),
  next: () => at < links.length - 1 && show(at + 1),
  larger: () => { zoom = Math.min(zoom * 1.3, 6); draw(); },
  smaller: () => { zoom = Math.max(zoom / 1.3, 0.3); draw(); },
  turn: () => { turned = (turned + 90) % 360; draw(); },
  close: () => dialog.close(),
};
const keys = { ArrowLeft: "previous", ArrowRight: "next", "+": "larger", "=": "larger", "-": "smaller", r: "turn" };

image.addEventListener("load", draw);
addEventListener("resize", () => dialog.open && draw());
dialog.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) doing[button.dataset.do]();
  else if (event.target === stage) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  event.stopPropagation(); // the page's own keys rest while a picture is looked at
  if (keys[event.key] && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    doing[keys[event.key]]();
  }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  links = [...(link.closest("[data-views]") || document).querySelectorAll("a[data-view]")];
  dialog.showModal();
  show(links.indexOf(link));
});
