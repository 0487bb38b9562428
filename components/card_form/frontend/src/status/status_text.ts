/** The texts of the pay button and of the live region in each state. */
import type { Kept } from "../contract";
import { canEdit, type FormState } from "../form_state";

export function waitingText(state: FormState): string {
  if (state.step === "pressing") {
    return "Checking the order…";
  }
  return state.step === "reporting" || state.server.phase === "checking"
    ? "Checking with Stripe…"
    : "Waiting for the bank…";
}

export function buttonText(state: FormState, amountLabel: string): string {
  if (state.step === "authenticating") {
    return "Waiting for authentication…";
  }
  if (state.server.phase === "checking" || state.step === "reporting") {
    return "Checking with Stripe…";
  }
  if (state.step === "overdue") {
    return "Waiting for an answer…";
  }
  if (canEdit(state) || state.step === "loading" || state.step === "unavailable") {
    return `Pay ${amountLabel}`.trim();
  }
  return state.slow ? waitingText(state) : `Paying ${amountLabel}…`;
}

/** The button of a declined card's outcome, by what stays of the card. */
export function nextCardText(kept: Kept): string {
  switch (kept) {
    case "all":
      return "Check the card";
    case "without_code":
      return "Enter the security code";
    case "nothing":
      return "Enter another card";
  }
}
