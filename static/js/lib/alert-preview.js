// Says, while an alert is being written, how often it would have fired last week.

const PAUSE = 350;
const form = document.querySelector("[data-preview]");
const told = document.getElementById("alert-preview");
let timer;
let asked = 0;

async function ask() {
  const mine = ++asked;
  const address = new URL(form.dataset.preview, location.href);
  const fields = new FormData(form);
  fields.delete("csrfmiddlewaretoken");
  address.search = new URLSearchParams(fields);
  const answer = await fetch(address).catch(() => null);
  // What a later question has overtaken says nothing any more.
  if (answer?.ok && mine === asked) told.innerHTML = await answer.text();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

if (form) {
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  ask();
}
