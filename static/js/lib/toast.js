// A short word at the edge of the page that goes by itself.

const SHOWN = 3000;

export function toast(text) {
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN);
}
