/** The only place where the card leaves the form: to Stripe, never to our server. */
import type { Stripe, StripeCardNumberElement } from "@stripe/stripe-js";

import { within } from "./patience";
import { fieldOfError, staffMessage, type Field } from "./validation";

export interface Refusal {
  field: Field | null;
  message: string;
}

/** No charge is under way yet, so giving up is safe; what arrives later is not used. */
const patienceMilliseconds = 30_000;

const unreachable: Refusal = {
  field: null,
  message: "Stripe isn't responding. Nothing was charged. Try again.",
};

/** A new PaymentMethod for every attempt: an unattached one is single-use, even after a decline. */
export async function createCardPaymentMethod(
  stripe: Stripe,
  card: StripeCardNumberElement,
  name: string,
  postalCode: string,
): Promise<{ id: string } | { refusal: Refusal }> {
  try {
    const { error, paymentMethod } = await within(
      patienceMilliseconds,
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
    const field = fieldOfError(error.code);
    return error.message === undefined || error.type === "api_connection_error"
      ? { refusal: unreachable }
      : { refusal: { field, message: staffMessage(error.code, error.message) } };
  } catch {
    return { refusal: unreachable };
  }
}
