/**
 * The place of the outcome and the pay button: an element of our own in the page's panel.
 *
 * Streamlit owns the panel and may draw it anew. The element and all that React keeps in it are
 * then put into the new one, so that a screen reader goes on observing the same live region.
 */

const panelSelector = ".st-key-panel-outlet";

/** The element to render into. Nothing typed in it reaches Streamlit's keyboard shortcuts. */
export function newOutlet(): HTMLElement {
  const outlet = document.createElement("div");
  outlet.className = "cardpay-outlet";
  // Streamlit reruns the page on "r" and opens a dialog on "c".
  for (const kind of ["keydown", "keypress", "keyup"]) {
    outlet.addEventListener(kind, (event) => event.stopPropagation());
  }
  return outlet;
}

// Streamlit names the theme's values on the component's own element alone.
const tints = ["green", "red", "orange", "blue", "gray"];
const themeNames = [
  "text-color",
  "font",
  "base-font-size",
  "base-radius",
  "button-radius",
  "primary-color",
  "link-color",
  "border-color",
  "background-color",
  "red-color",
  ...tints.flatMap((tint) => [`${tint}-background-color`, `${tint}-text-color`]),
].map((name) => `--st-${name}`);

/** Give the element the theme's values, which its style sheet uses. */
export function copyTheme(host: HTMLElement, outlet: HTMLElement): void {
  const theme = getComputedStyle(host);
  for (const name of themeNames) {
    outlet.style.setProperty(name, theme.getPropertyValue(name));
  }
}

/** Keep the element in the panel; without a panel, in `fallback`. Returns how to stop. */
export function keepInPanel(outlet: HTMLElement, fallback: HTMLElement): () => void {
  function place(): void {
    const home = document.querySelector(panelSelector) ?? fallback;
    if (outlet.parentElement !== home) {
      home.append(outlet);
    }
  }
  place();
  const observer = new MutationObserver(place);
  const page = fallback.closest("[data-testid=stMain]") ?? document.body;
  observer.observe(page, { childList: true, subtree: true });
  return () => {
    observer.disconnect();
    outlet.remove();
  };
}
