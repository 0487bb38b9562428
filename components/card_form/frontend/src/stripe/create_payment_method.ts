/** Sends the card to Stripe, never to our server. No other code sends it anywhere. */
import type { Stripe, StripeCardNumberElement } from "@stripe/stripe-js";

import { withTimeout } from "./timeout";
import { fieldOfErrorCode, staffMessage, type Field } from "../fields/validation";

export interface Refusal {
  field: Field | null;
  message: string;
}

/** A timeout is safe, because nothing is charged yet. A later response is ignored. */
const timeoutMilliseconds = 30_000;

const unreachable: Refusal = {
  field: null,
  message: "Stripe isn't responding. Nothing was charged. Try again.",
};

/** The id of a new PaymentMethod. One without a Customer can be used once, even if declined. */
export async function createCardPaymentMethod(
  stripe: Stripe,
  card: StripeCardNumberElement,
  name: string,
  postalCode: string,
): Promise<{ id: string } | { refusal: Refusal }> {
  try {
    const { error, paymentMethod } = await withTimeout(
      timeoutMilliseconds,
      stripe.createPaymentMethod({
        type: "card",
        card,
        billing_details: {
          name,
          ...(postalCode === "" ? {} : { address: { postal_code: postalCode } }),
        },
      }),
    );
    if (error === undefined) {
      return { id: paymentMethod.id };
    }
    const field = fieldOfErrorCode(error.code);
    return error.message === undefined || error.type === "api_connection_error"
      ? { refusal: unreachable }
      : { refusal: { field, message: staffMessage(error.code, error.message) } };
  } catch {
    return { refusal: unreachable };
  }
}
