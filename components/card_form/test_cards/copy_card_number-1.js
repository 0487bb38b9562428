// Browsers offer navigator.clipboard on HTTPS and localhost only; elsewhere execCommand works.
export default function ({ parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = async () => {
      const number = button.dataset.number;
      try {
        await navigator.clipboard.writeText(number);
      } catch {
        const field = document.createElement("textarea");
        field.value = number;
        document.body.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
        button.focus();
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
  }
}
