/** Submits a payment: creates a PaymentMethod and sends it to Python, one submission at a time. */
import type { Stripe, StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef, type Dispatch } from "react";

import type { Desk } from "./contract";
import { canEdit, type FormEvent, type FormState } from "./form_state";
import { createCardPaymentMethod } from "./stripe/create_payment_method";
import type { Field } from "./fields/validation";

interface SubmissionContext {
  stripe: Stripe;
  elements: StripeElements | null;
  paymentId: string;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
}

/** A function that submits the payment. It resolves to the field that Stripe refused, or null. */
export function useSubmission(context: SubmissionContext): (name: string, postalCode: string) => Promise<Field | null> {
  // Set before the first await: React renders too late to stop the second of two clicks.
  const inFlight = useRef(false);
  const latest = useRef<SubmissionContext | null>(context);
  latest.current = context;
  const { step } = context.state;
  useEffect(() => {
    if (step === "editing") {
      inFlight.current = false;
    }
  }, [step]);
  useEffect(
    () => () => {
      latest.current = null;
    },
    [],
  );

  return async (name, postalCode) => {
    const { stripe, elements, paymentId, dispatch } = context;
    const card = elements?.getElement("cardNumber") ?? null;
    if (inFlight.current || card === null || !canEdit((latest.current ?? context).state)) {
      return null;
    }
    inFlight.current = true;
    const submissionId = newId();
    dispatch({ type: "pay", submissionId });
    const made = await createCardPaymentMethod(stripe, card, name, postalCode);
    const now = latest.current;
    if (now === null || now.state.submissionId !== submissionId) {
      // The form has left the page, or the payment was settled elsewhere in the meantime.
      inFlight.current = false;
      return null;
    }
    if ("refusal" in made) {
      dispatch({ type: "token_refused", ...made.refusal });
      return made.refusal.field;
    }
    dispatch({ type: "tokenised" });
    now.desk.submit({
      payment_id: paymentId,
      payment_method_id: made.id,
      submission_id: submissionId,
    });
    return null;
  };
}

/** A random version 4 UUID; `crypto.randomUUID` is missing on plain HTTP outside localhost. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
