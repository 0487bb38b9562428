/** The texts of the pay button and of the live region in each state. */
import { canEdit, type FormState } from "../form_state";

export function waitingText(state: FormState): string {
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
  if (canEdit(state)) {
    return `Pay ${amountLabel}`;
  }
  return state.slow ? waitingText(state) : `Paying ${amountLabel}…`;
}
