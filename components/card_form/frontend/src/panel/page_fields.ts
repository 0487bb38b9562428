/** The order's fields, which Streamlit draws: focusing them, and marking those that are wrong. */

/** Long enough for Streamlit to draw a field that came with the same answer. */
const patienceFrames = 120;

/** Streamlit gives each keyed element a class: its key, with a dash for each other character. */
function fieldOf(paymentId: string, name: string): HTMLElement | null {
  const place = document.querySelector(`.st-key-${paymentId}-${name}`);
  return place?.querySelector<HTMLElement>("input, textarea") ?? null;
}

/** What is typed in a field of the order, which the server may not know yet. */
export function orderText(paymentId: string, name: string): string {
  const field = fieldOf(paymentId, name);
  return field instanceof HTMLInputElement ? field.value.trim() : "";
}

/** Focus a field as soon as it is there, in what was folded too; not if somebody has gone elsewhere. */
export function focusOrderField(paymentId: string, name: string): void {
  const before = document.activeElement;
  let frames = 0;
  let unfolded = false;
  const attempt = (): void => {
    const now = document.activeElement;
    // The page's title has the focus only where nothing better was there.
    const moved = now !== before && now !== document.body && now?.tagName !== "H1";
    const field = fieldOf(paymentId, name);
    if (moved || frames > patienceFrames) {
      return;
    }
    frames += 1;
    const folded = field?.closest("[inert]")?.closest("details") ?? null;
    if (folded !== null && !unfolded) {
      unfolded = true;
      folded.querySelector<HTMLElement>("summary")?.click();
    }
    if (field === null || folded !== null || field.matches(":disabled")) {
      requestAnimationFrame(attempt);
      return;
    }
    field.focus();
  };
  attempt();
}

/** Tell screen readers which fields are wrong, and where it says why. Returns how to undo it. */
export function markWrongFields(paymentId: string, names: readonly string[]): () => void {
  const marked: HTMLElement[] = [];
  for (const name of names) {
    const field = fieldOf(paymentId, name);
    if (field !== null) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", `wrong-${name}`);
      marked.push(field);
    }
  }
  return () => {
    for (const field of marked) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  };
}
