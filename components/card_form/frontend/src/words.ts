/** What the pay button says in each state. */
import { mayType, type FormState } from "./machine";

export function waitingWords(state: FormState): string {
  return state.step === "reporting" || state.server.phase === "checking"
    ? "Checking with Stripe…"
    : "Waiting for the bank…";
}

export function buttonWords(state: FormState, amountLabel: string): string {
  if (state.step === "authenticating") {
    return "Waiting for authentication…";
  }
  if (state.server.phase === "checking" || state.step === "reporting") {
    return "Checking with Stripe…";
  }
  if (state.step === "overdue") {
    return "Waiting for an answer…";
  }
  if (mayType(state)) {
    return `Pay ${amountLabel}`;
  }
  return state.slow ? waitingWords(state) : `Paying ${amountLabel}…`;
}
