// Never leaves the focus on the page's body. What Streamlit draws no more loses it, such as a button that
// was pressed: then a message that has come since the press gets it, or else the page's title. A
// place that the page names gets it in any case, once.
const state = "data-test-script-state";
const app = '[data-testid="stApp"]';
const page = '[data-testid="stMain"]';
const named = '[class*="st-key-takes-focus-"]';
const name = /st-key-takes-focus-\S+/;
const messages = `${page} :is([role="alert"], [role="status"])`;
const inPlace = "[role], input:enabled, textarea:enabled, button:enabled";
let last = null;
let taken = null;
let known = new Map();
let isWatching = false;
let isDue = false;

export default function () {
  if (isWatching) return;
  isWatching = true;
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, remember, true);
  const changes = { childList: true, subtree: true, attributes: true };
  new MutationObserver(look).observe(document.body, {
    ...changes,
    attributeFilter: [state, "class", "disabled"],
  });
}

function remember() {
  known = new Map([...document.querySelectorAll(messages)].map((one) => [one, one.textContent]));
}

function isNowhere() {
  return document.activeElement === null || document.activeElement === document.body;
}

function look() {
  if (!isNowhere()) last = document.activeElement;
  const place = document.querySelector(named);
  const isNew = place !== null && place.className.match(name)[0] !== taken;
  const isLost = isNowhere() && last !== null && (!last.isConnected || last.disabled);
  if (isDue || !(isNew || isLost)) return;
  if (document.querySelector(app)?.getAttribute(state) !== "notRunning") return;
  isDue = true;
  // What is drawn last may take the focus by itself.
  requestAnimationFrame(() => requestAnimationFrame(settle));
}

function settle() {
  isDue = false;
  const place = document.querySelector(named);
  const wanted = place?.querySelector(inPlace) ?? null;
  if (wanted !== null && place.className.match(name)[0] !== taken) {
    taken = place.className.match(name)[0];
    take(wanted);
  } else if (isNowhere()) {
    const told = [...document.querySelectorAll(messages)].filter(
      (one) => one.checkVisibility() && one.textContent.trim() !== "",
    );
    const title = document.querySelector(`${page} h1`);
    const next = told.find((one) => known.get(one) !== one.textContent) ?? title;
    if (next !== null) take(next);
  }
}

function take(element) {
  if (!element.matches("input, textarea, button, [tabindex]")) element.tabIndex = -1;
  element.focus();
  last = element;
}
