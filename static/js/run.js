// What all pages of a run have besides.
import "./lib/phases.js";
import "./elements/fold-box.js";
import "./elements/description-card.js";
import "./elements/tag-editor.js";

// On a phone the tabs go on beside the screen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
