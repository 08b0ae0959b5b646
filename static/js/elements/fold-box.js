// Something long that shows its beginning until somebody asks for all of it. Without script it is whole.

class FoldBox extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector(".fold-button");
    this.body = this.querySelector(".fold-body");
    if (!("long" in this.dataset) || !this.button) return;
    this.button.addEventListener("click", () => this.fold(!this.isFolded));
    // A link to a heading, or a key that reaches a link inside, opens what hides it.
    this.body.addEventListener("focusin", () => this.fold(false));
    this.onHash = () => this.follow();
    addEventListener("hashchange", this.onHash);
    this.fold(true);
    this.follow();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.onHash);
  }

  get isFolded() {
    return this.hasAttribute("folded");
  }

  fold(folded) {
    this.toggleAttribute("folded", folded);
    // What fits after all needs no button.
    const fits = folded && this.body.scrollHeight <= this.body.clientHeight + 1 && !this.body.querySelector("img");
    if (fits) this.removeAttribute("folded");
    this.button.hidden = fits;
    this.button.textContent = folded ? "Show all" : "Show less";
    this.button.setAttribute("aria-expanded", String(!folded));
  }

  follow() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place || !this.body.contains(place)) return;
    this.fold(false);
    place.scrollIntoView();
  }
}

customElements.define("fold-box", FoldBox);
