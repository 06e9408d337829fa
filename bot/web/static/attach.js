// The files of the message being written: picked, dropped or pasted, shown as chips until they are sent.

const data = document.body.dataset;
const input = document.getElementById("files");
const camera = document.getElementById("camera");
const list = document.getElementById("tray");
const chip = document.getElementById("t-chip");
const veil = document.getElementById("drop");

export class Tray {
  /** `complain` takes a sentence to show, or "" to show none. */
  constructor(complain) {
    this.files = [];
    this.complain = complain;
    for (const picker of [input, camera]) {
      picker.addEventListener("change", () => {
        this.add(picker.files);
        picker.value = ""; // the same file can be picked again
      });
    }
    document.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    });
    let depth = 0; // dragenter and dragleave come for every element passed over
    document.addEventListener("dragenter", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      depth += 1;
      veil.hidden = false;
    });
    document.addEventListener("dragleave", () => {
      depth = Math.max(0, depth - 1);
      veil.hidden = depth === 0;
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      veil.hidden = true;
      this.add(event.dataTransfer.files);
    });
  }

  add(files) {
    this.complain("");
    for (const file of files) {
      if (file.size > Number(data.fileLimit)) this.complain(data.wordTooBig);
      else if (this.files.length >= Number(data.filesLimit)) this.complain(data.wordTooMany);
      else this.files.push(file);
    }
    this.draw();
  }

  /** The files, and the tray is empty again. */
  take() {
    const files = this.files;
    this.files = [];
    this.draw();
    return files;
  }

  draw() {
    for (const picture of list.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
    list.replaceChildren(...this.files.map((file) => this.chip(file)));
    list.hidden = !this.files.length;
  }

  chip(file) {
    const item = chip.content.firstElementChild.cloneNode(true);
    item.querySelector(".chip-name").textContent = file.name;
    if (file.type.startsWith("image/")) {
      const picture = item.querySelector("img");
      picture.src = URL.createObjectURL(file);
      picture.hidden = false;
    }
    const remove = item.querySelector("button");
    remove.querySelector(".unseen").textContent = `${data.wordRemove} ${file.name}`;
    remove.addEventListener("click", () => {
      this.files = this.files.filter((other) => other !== file);
      this.draw();
      document.getElementById("text").focus();
    });
    return item;
  }
}
