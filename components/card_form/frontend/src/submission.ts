/** One press of the pay button: asks for the PaymentIntent, then sends a PaymentMethod for it. */
import type { Stripe, StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef, type Dispatch } from "react";

import type { Desk, Submission } from "./contract";
import { firstInvalid, type FieldErrors } from "./fields/validation";
import { canEdit, type FormEvent, type FormState } from "./form_state";
import { createCardPaymentMethod } from "./stripe/create_payment_method";

/**
 * A rerun may end the script that answers a message before it has begun, and a message to a
 * fragment that is just being redrawn is dropped. So a message is sent until it is answered: the
 * server acts once for each id, and answers the same.
 */
const sendAgainMilliseconds = 5_000;

interface SubmissionContext {
  stripe: Stripe;
  elements: StripeElements | null;
  paymentId: string;
  amountLabel: string;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
  name: string;
  postalCode: string;
}

/** A function that starts a payment with what is typed now; one at a time. */
export function useSubmission(context: SubmissionContext): (errors: FieldErrors) => void {
  // Set at once: React renders too late to stop the second of two clicks.
  const inFlight = useRef(false);
  const pressedLabel = useRef("");
  const latest = useRef<SubmissionContext | null>(context);
  const card = useRef<Submission | null>(null); // what was sent last
  latest.current = context;
  const { step, submissionId, refusals } = context.state;
  useEffect(() => {
    if (step === "editing") {
      inFlight.current = false;
    }
  }, [step, refusals]);
  useEffect(() => {
    const now = latest.current;
    if (step === "tokenising" && submissionId !== null && now !== null) {
      void sendCard(now, submissionId, latest, card);
    }
  }, [step, submissionId]);
  useEffect(() => {
    if ((step !== "pressing" && step !== "waiting") || submissionId === null) {
      return undefined;
    }
    const timer = setInterval(() => {
      const now = latest.current;
      if (now === null || now.state.submissionId !== submissionId) {
        return;
      }
      if (step === "pressing") {
        sendPress(now, submissionId, now.state.errors, pressedLabel.current);
      } else if (card.current?.submission_id === submissionId && isUnanswered(now.state)) {
        now.desk.submit(card.current);
      }
    }, sendAgainMilliseconds);
    return () => clearInterval(timer);
  }, [step, submissionId]);
  useEffect(() => {
    latest.current = context;
    return () => {
      latest.current = null;
    };
    // Only when the form comes to the page and leaves it.
    // eslint-disable-next-line
  }, []);

  return (errors) => {
    const { state, dispatch, amountLabel } = latest.current ?? context;
    if (inFlight.current || !canEdit(state)) {
      return;
    }
    inFlight.current = true;
    pressedLabel.current = amountLabel;
    const pressId = newId();
    dispatch({ type: "pay", submissionId: pressId, errors });
    if (!state.server.created) {
      sendPress(latest.current ?? context, pressId, errors, amountLabel);
    }
  };
}

/** Ask for the PaymentIntent. The same press again gets the same answer, and no second one. */
function sendPress(
  { paymentId, desk }: SubmissionContext,
  pressId: string,
  errors: FieldErrors,
  amountLabel: string,
): void {
  desk.press({
    payment_id: paymentId,
    submission_id: pressId,
    card_complete: firstInvalid(errors) === null,
    amount_label: amountLabel,
  });
}

/** Make a PaymentMethod and send it, unless the form has moved on meanwhile. */
async function sendCard(
  context: SubmissionContext,
  submissionId: string,
  latest: { current: SubmissionContext | null },
  sent: { current: Submission | null },
): Promise<void> {
  const { stripe, elements, paymentId, dispatch, name, postalCode } = context;
  const card = elements?.getElement("cardNumber") ?? null;
  if (card === null) {
    dispatch({ type: "token_refused", field: "number", message: "Enter the card again" });
    return;
  }
  const made = await createCardPaymentMethod(stripe, card, name.trim(), postalCode.trim());
  const now = latest.current;
  if (now === null || now.state.submissionId !== submissionId || now.paymentId !== paymentId) {
    return; // the form has left the page, or the payment was settled elsewhere in the meantime
  }
  if ("refusal" in made) {
    dispatch({ type: "token_refused", ...made.refusal });
    return;
  }
  dispatch({ type: "tokenised" });
  const submission = {
    payment_id: paymentId,
    payment_method_id: made.id,
    submission_id: submissionId,
  };
  sent.current = submission;
  now.desk.submit(submission);
}

/** Whether nothing has been heard of the submission: neither an outcome nor that Stripe is asked. */
function isUnanswered({ server, submissionId }: FormState): boolean {
  return server.phase === "ready" && server.settledSubmissionId !== submissionId;
}

/** A random version 4 UUID; `crypto.randomUUID` is missing on plain HTTP outside localhost. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
