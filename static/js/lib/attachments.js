// Files that are dropped on a field, pasted into it or chosen: sent, and shown where they were put.

import { insertBlock, replace } from "./text-field.js";

export class Attachments {
  constructor(field, { address, token, longest, tell }) {
    Object.assign(this, { field, address, token, longest, tell });
    field.addEventListener("paste", (event) => this.pasted(event));
    field.addEventListener("dragover", (event) => this.over(event));
    field.addEventListener("dragleave", () => field.classList.remove("is-over"));
    field.addEventListener("drop", (event) => this.dropped(event));
  }

  choose(accept) {
    const input = document.createElement("input");
    Object.assign(input, { type: "file", multiple: true, accept });
    input.addEventListener("change", () => this.send(input.files));
    input.click();
  }

  pasted(event) {
    // A table program offers its cells as a picture, too: then the text is meant.
    if (event.clipboardData.types.includes("text/plain") || !event.clipboardData.files.length) return;
    event.preventDefault();
    this.send(event.clipboardData.files);
  }

  over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.field.classList.add("is-over");
  }

  dropped(event) {
    this.field.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.send(event.dataTransfer.files);
  }

  async send(files) {
    for (const file of [...files]) {
      const waiting = `![Sending ${file.name.replace(/[[\]]/g, "")} …]()`;
      insertBlock(this.field, waiting);
      const { markdown, problem } = await this.sent(file);
      const place = this.field.value.indexOf(waiting);
      if (place >= 0) replace(this.field, place, place + waiting.length, markdown ?? "");
      this.tell(problem ?? "");
    }
  }

  async sent(file) {
    if (file.size > this.longest) {
      return { problem: `${file.name} has more than ${Math.floor(this.longest / 1024 ** 2)} MB. Upload it among the run's files.` };
    }
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.token);
    body.append("file", file);
    try {
      const answer = await fetch(this.address, { method: "POST", body });
      const told = await answer.json();
      return answer.ok ? told : { problem: `${told.detail} ${told.hint ?? ""}`.trim() };
    } catch {
      return { problem: `${file.name} could not be sent. Try again.` };
    }
  }
}
