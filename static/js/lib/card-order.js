// Charts side by side, put in another order by a drag of their heads.

// Each drag that has changed the order is told once, with the card that was moved.
export function draggable(box, moved) {
  const cards = () => [...box.querySelectorAll(".chart")];
  let lifted = null;
  let order = [];
  box.addEventListener("dragstart", (event) => {
    // A link or a picture inside is dragged for its own sake.
    if (!event.target.matches?.(".chart-head")) return;
    lifted = event.target.closest(".chart");
    order = cards();
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(lifted, 20, 20);
  });
  box.addEventListener("dragover", (event) => {
    const over = event.target.closest(".chart");
    if (!lifted || !over) return;
    event.preventDefault();
    if (over === lifted) return;
    if (cards().indexOf(over) < cards().indexOf(lifted)) over.before(lifted);
    else over.after(lifted);
  });
  box.addEventListener("dragend", () => {
    const card = lifted;
    lifted = null;
    if (card && cards().some((each, place) => each !== order[place])) moved(card);
  });
}

// Puts cards into a box in this order. One that stands where it should is not touched: it would begin anew.
export function arranged(box, cards) {
  for (const card of [...box.children]) if (!cards.includes(card)) card.remove();
  cards.forEach((card, place) => {
    if (box.children[place] !== card) box.insertBefore(card, box.children[place] ?? null);
  });
}
