// Never leaves the focus on the page's body. What Streamlit draws no more loses it, such as a button
// that was pressed: then a message that has come since the press gets it, or else the title. A place
// that the page names gets it in any case, once. On a phone the pages are in a drawer over the page:
// it closes behind the one that was chosen.
const state = "data-test-script-state";
const app = '[data-testid="stApp"]';
const page = '[data-testid="stMain"]';
const named = '[class*="st-key-takes-focus-"]';
const name = /st-key-takes-focus-\S+/;
const messages = `${page} :is([role="alert"], [role="status"])`;
const inDrawer = '[data-testid="stSidebarNavLink"]';
const closesDrawer = '[data-testid="stSidebarCollapseButton"] button';
const inPlace = "[role], input:enabled, textarea:enabled, button:enabled";
let last = null;
let taken = null;
let isUntouched = false; // nobody has pressed anything since a place took the focus
let inDoubt = null; // the title, which has the focus for want of a message
let known = new Map();
let isWatching = false;
let isDue = false;
let isClosing = false; // a page was chosen in the drawer, which is open still

export default function () {
  if (isWatching) return;
  isWatching = true;
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, remember, true);
  window.addEventListener("click", ({ target }) => {
    if (!target.closest?.(inDrawer)) return;
    isClosing = true;
    setTimeout(closeDrawer);
  });
  const changes = { childList: true, subtree: true, attributes: true };
  new MutationObserver(look).observe(document.body, {
    ...changes,
    attributeFilter: [state, "class", "disabled"],
  });
}

// Its button may be drawn anew just then.
function closeDrawer() {
  const button = isClosing ? document.querySelector(closesDrawer) : null;
  if (button === null) return;
  isClosing = false;
  button.click();
}

function remember() {
  inDoubt = null;
  isUntouched = false;
  known = new Map([...document.querySelectorAll(messages)].map((one) => [one, one.textContent]));
}

function isNowhere() {
  const active = document.activeElement;
  return active === null || active === document.body || active === inDoubt;
}

function look() {
  closeDrawer();
  if (!isNowhere()) last = document.activeElement;
  const place = document.querySelector(named);
  const isNew = place !== null && place.className.match(name)[0] !== taken;
  const isLost = isNowhere() && last !== null && (!last.isConnected || last.disabled);
  const isLate = inDoubt !== null && document.activeElement === inDoubt && told() !== undefined;
  if (isDue || !(isNew || isLost || isLate)) return;
  if (document.querySelector(app)?.getAttribute(state) !== "notRunning") return;
  isDue = true;
  // What is drawn last may take the focus by itself.
  requestAnimationFrame(() => requestAnimationFrame(settle));
}

function settle() {
  isDue = false;
  const place = document.querySelector(named);
  const wanted = place?.querySelector(inPlace) ?? null;
  const isNew = wanted !== null && place.className.match(name)[0] !== taken;
  // Of two reruns of one press the second may draw the place anew.
  if (isNew || (wanted !== null && isUntouched && isNowhere())) {
    taken = place.className.match(name)[0];
    isUntouched = true;
    take(wanted);
  } else if (isNowhere()) {
    const title = document.querySelector(`${page} h1`);
    const next = told() ?? title;
    inDoubt = null;
    if (next !== null) take(next);
    // Of two reruns of one press the second may bring the message.
    if (next === title) inDoubt = title;
  }
}

// The first message that has come since the last press.
function told() {
  return [...document.querySelectorAll(messages)].find(
    (one) =>
      one.checkVisibility() && one.textContent.trim() !== "" && known.get(one) !== one.textContent,
  );
}

function take(element) {
  if (!element.matches("input, textarea, button, [tabindex]")) element.tabIndex = -1;
  element.focus();
  // As by the key Tab: what is typed next takes the place of an amount that is suggested.
  if (element.matches("input:not([role])")) element.select();
  last = element;
}
