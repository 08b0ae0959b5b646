// The phases of a run are as wide as they took long; a style in the page is not allowed to say it.

function stretch() {
  for (const phase of document.querySelectorAll("[data-share]")) {
    phase.style.flexGrow = Math.max(Number(phase.dataset.share), 1);
  }
}

stretch();
document.addEventListener("studio:shown", stretch);
