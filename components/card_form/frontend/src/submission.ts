/** From the pressed button to the trigger that Python receives: one submission at a time. */
import type { Stripe, StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef, type Dispatch } from "react";

import type { Desk } from "./contract";
import { canEdit, type FormEvent, type FormState } from "./form_state";
import { createCardPaymentMethod } from "./stripe/create_payment_method";
import type { Field } from "./fields/validation";

interface Payer {
  stripe: Stripe;
  elements: StripeElements | null;
  paymentId: string;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
}

/** A new PaymentMethod and submission for each call; resolves to the field that was refused. */
export function useSubmission(payer: Payer): (name: string, postalCode: string) => Promise<Field | null> {
  // Set before the first await: React redraws too late to stop the second of two clicks.
  const inFlight = useRef(false);
  const latest = useRef<Payer | null>(payer);
  latest.current = payer;
  const { step } = payer.state;
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
    const { stripe, elements, paymentId, dispatch } = payer;
    const card = elements?.getElement("cardNumber") ?? null;
    if (inFlight.current || card === null || !canEdit((latest.current ?? payer).state)) {
      return null;
    }
    inFlight.current = true;
    const submissionId = newId();
    dispatch({ type: "pay", submissionId });
    const made = await createCardPaymentMethod(stripe, card, name, postalCode);
    const now = latest.current;
    if (now === null || now.state.submissionId !== submissionId) {
      // Nobody would see the charge, or the payment was settled elsewhere meanwhile.
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
