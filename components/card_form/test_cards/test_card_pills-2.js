// A press offers the card to the page. The simulated Stripe's fields take it; Stripe's own cannot
// be filled in, and then its number is copied. The menu covers the pay button: it closes behind a
// card that was filled in.
const openMenu = '.st-key-demo-menu button[aria-expanded="true"]';

export default function ({ parentElement }) {
  const said = parentElement.querySelector("small");
  const words = said.textContent;
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = async () => {
      const { number } = button.dataset;
      const offer = new CustomEvent("cardpay:test-card", { cancelable: true, detail: { number } });
      const filled = !window.dispatchEvent(offer);
      if (filled) {
        document.querySelector(openMenu)?.click();
        return;
      }
      await copy(number, button);
      said.textContent = "Copied";
      setTimeout(() => { said.textContent = words; }, 2000);
    };
  }
}

// Browsers offer navigator.clipboard on HTTPS and localhost only; elsewhere execCommand works.
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
}
