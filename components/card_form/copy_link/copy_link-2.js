// An address, and a button that copies it. Where the link has just been made, the button has the
// focus: one key copies it. Whoever has gone on meanwhile to what stands around it keeps the focus.
const focused = new Set();

export default function ({ parentElement, data }) {
  const address = parentElement.querySelector(".address");
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  if (address.textContent !== data.url) {
    address.textContent = data.url;
    said.textContent = "";
  }
  button.onclick = async () => {
    said.textContent = "";
    said.textContent = (await copied(data.url, button)) ? "Copied" : "Select the link and copy it";
  };
  if (data.focus !== null && !focused.has(data.focus)) {
    focused.add(data.focus);
    const has = document.activeElement;
    const isBeside = has?.closest(".st-key-panel-link") ?? null;
    if (isBeside === null || has.matches("[role=status]")) button.focus();
  }
}

// Browsers offer navigator.clipboard on HTTPS and localhost only; elsewhere execCommand works.
async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    return done;
  }
}
