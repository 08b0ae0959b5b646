// How charts look: colours of the page's own theme, one colour for each run, figures as people read them.

const GOLDEN = 137.508;
// Yellow and green are bright as they are: on paper they need to be darker than the rest.
const BRIGHT = [35, 195];

export function theme(element) {
  const probe = document.createElement("span");
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { soft: read("ink-soft"), ink: read("ink"), line: read("line"), paper: read("paper") };
  probe.remove();
  const [red, green, blue] = found.paper.match(/[\d.]+/g).map(Number);
  return { ...found, isDark: red + green + blue < 384 };
}

// Runs that follow each other are as far apart as can be; a run keeps its colour on every page.
export function colour(number, { isDark }, opacity = 1) {
  const hue = (number * GOLDEN) % 360;
  const isBright = hue > BRIGHT[0] && hue < BRIGHT[1];
  // After eight of them hues come near again; every second eight is a shade apart.
  const shade = Math.floor(number / 8) % 2 ? (isDark ? 12 : -9) : 0;
  const lightness = shade + (isDark ? (isBright ? 56 : 68) : isBright ? 32 : 48);
  return `hsla(${hue.toFixed(1)}, 68%, ${lightness}%, ${opacity})`;
}

export function figure(value) {
  if (typeof value !== "number") return value ?? "";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return value.toLocaleString("en");
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}

export const FONT = "11px system-ui, sans-serif";

const loading = new Map();

// Libraries are scripts of their own, fetched when the first chart needs one.
export function load(address) {
  if (!loading.has(address)) {
    loading.set(
      address,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", resolve);
        script.addEventListener("error", () => reject(new Error("The chart library did not arrive.")));
        document.head.append(script);
      }),
    );
  }
  return loading.get(address);
}
