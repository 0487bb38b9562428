/** The three card Elements: what they last reported, and how to focus and clear them. */
import type { StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef } from "react";

import { untouched, type CardField, type CardFieldStatus } from "../fields/validation";

export type CardFieldStatuses = Record<CardField, CardFieldStatus>;

/** The page knows whether each card field is complete, never its digits. */
export const untouchedCard: CardFieldStatuses = {
  number: untouched,
  expiry: untouched,
  cvc: untouched,
};

interface CardElement {
  focus(): void;
  clear(): void;
}

function elementOf(elements: StripeElements | null, field: CardField): CardElement | null {
  // One call for each type, because getElement's overloads do not accept a union.
  switch (field) {
    case "number":
      return elements?.getElement("cardNumber") ?? null;
    case "expiry":
      return elements?.getElement("cardExpiry") ?? null;
    case "cvc":
      return elements?.getElement("cardCvc") ?? null;
  }
}

export function focusElement(elements: StripeElements | null, field: CardField): void {
  elementOf(elements, field)?.focus();
}

/** Clears the card fields whenever a card has been tried, so that the next can be typed. */
export function useUsedCards(
  usedCards: number,
  elements: StripeElements | null,
  statuses: { current: CardFieldStatuses },
): void {
  const cleared = useRef(usedCards);
  useEffect(() => {
    if (usedCards === cleared.current || elements === null) {
      return;
    }
    cleared.current = usedCards;
    statuses.current = untouchedCard;
    for (const field of ["number", "expiry", "cvc"] as const) {
      elementOf(elements, field)?.clear();
    }
    focusElement(elements, "number");
  }, [usedCards, elements, statuses]);
}
