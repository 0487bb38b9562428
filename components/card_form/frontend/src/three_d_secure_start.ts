/**
 * When the 3-D Secure dialog opens by itself, and when it needs a button press.
 *
 * It opens by itself for this page's own submission. Any other authentication is offered: after
 * a reload, nobody knows whether the cardholder is still there to confirm.
 */
import type { FormState } from "./form_state";

export function threeDSecureStart(state: FormState): "opens" | "offered" | "unchanged" {
  const isNew = state.server.actionId !== state.actionId;
  if (state.step === "waiting" || state.step === "overdue") {
    return isNew ? "opens" : "unchanged";
  }
  if (state.step === "authenticating" || (state.step === "reporting" && !isNew)) {
    return "unchanged";
  }
  return "offered";
}
