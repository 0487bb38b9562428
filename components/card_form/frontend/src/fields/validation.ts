/** The form's fields, the rules for their values, and the error messages. */

export const fields = ["number", "expiry", "cvc", "name", "postalCode"] as const;
export type Field = (typeof fields)[number];
export type CardField = "number" | "expiry" | "cvc";
export type FieldErrors = Readonly<Record<Field, string | null>>;

export const fieldLabels: Readonly<Record<Field, string>> = {
  number: "Card number",
  expiry: "Expiry date",
  cvc: "Security code",
  name: "Name on card",
  postalCode: "Postal code",
};

/** What a card Element last reported about its field. */
export interface CardFieldStatus {
  complete: boolean;
  error: string | null;
}

export const untouched: CardFieldStatus = { complete: false, error: null };

export const noFieldErrors: FieldErrors = {
  number: null,
  expiry: null,
  cvc: null,
  name: null,
  postalCode: null,
};

const incomplete: Readonly<Record<CardField, string>> = {
  number: "Enter the full card number",
  expiry: "Enter the expiry date",
  cvc: "Enter the security code",
};

/** Stripe writes its messages to the cardholder ("Your card…"); here staff read them. */
const staffMessages: Readonly<Record<string, string>> = {
  incomplete_number: incomplete.number,
  invalid_number: "Check the card number",
  incomplete_expiry: incomplete.expiry,
  invalid_expiry_month: "Check the expiry date",
  invalid_expiry_month_past: "The card has expired",
  invalid_expiry_year: "Check the expiry date",
  invalid_expiry_year_past: "The card has expired",
  incomplete_cvc: incomplete.cvc,
  invalid_cvc: "Check the security code",
};

/** What staff read for an error of Stripe's; its own message if the code is not known here. */
export function staffMessage(code: string | undefined, message: string): string {
  return (code !== undefined && staffMessages[code]) || message;
}

/** Far below Stripe's own limit for billing_details.name and postal_code. */
const maxTextLength = 200;

/**
 * The error of each field, or null. `createPaymentMethod` is called only if all are null.
 * A `name` of null is the customer's, which the server checks.
 */
export function check(
  cards: Readonly<Record<CardField, CardFieldStatus>>,
  name: string | null,
  postalCode: string,
): FieldErrors {
  return {
    number: checkCard("number", cards.number),
    expiry: checkCard("expiry", cards.expiry),
    cvc: checkCard("cvc", cards.cvc),
    name: name === null ? null : checkText("name", name),
    postalCode: checkText("postalCode", postalCode),
  };
}

function checkCard(field: CardField, status: CardFieldStatus): string | null {
  if (status.error !== null) {
    return status.error;
  }
  return status.complete ? null : incomplete[field];
}

function checkText(field: "name" | "postalCode", text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === "") {
    return field === "name" ? "Enter the name on the card" : null; // some countries have no postal codes
  }
  if (trimmed.length > maxTextLength) {
    return `${fieldLabels[field]} must be ${maxTextLength} characters or fewer`;
  }
  // A card number in the wrong field would be stored with the payment.
  return trimmed.replace(/\D/g, "").length >= 12
    ? `Enter the ${fieldLabels[field].toLowerCase()}, not a card number`
    : null;
}

/** The first field with an error, in reading order. */
export function firstInvalid(errors: FieldErrors): Field | null {
  return fields.find((field) => errors[field] !== null) ?? null;
}

/** The field that an error of `createPaymentMethod` is about (Stripe docs: error codes). */
export function fieldOfErrorCode(code: string | undefined): Field | null {
  switch (code) {
    case "incomplete_number":
    case "invalid_number":
    case "incorrect_number":
    case "card_declined":
      return "number";
    case "incomplete_expiry":
    case "invalid_expiry_month":
    case "invalid_expiry_month_past":
    case "invalid_expiry_year":
    case "invalid_expiry_year_past":
      return "expiry";
    case "incomplete_cvc":
    case "invalid_cvc":
    case "incorrect_cvc":
      return "cvc";
    case "incomplete_zip":
    case "incorrect_zip":
      return "postalCode";
    default:
      return null;
  }
}
