/** The three card Elements: what they last reported, and how to focus and clear them. */
import type { StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef } from "react";

import type { Kept } from "../contract";
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

/** Clears what is not kept of a card that has been tried. */
export function useUsedCards(
  usedCards: number,
  kept: Kept,
  elements: StripeElements | null,
  statuses: { current: CardFieldStatuses },
): void {
  const cleared = useRef(usedCards);
  useEffect(() => {
    if (usedCards === cleared.current || elements === null) {
      return;
    }
    cleared.current = usedCards;
    for (const field of clearedFields[kept]) {
      statuses.current = { ...statuses.current, [field]: untouched };
      elementOf(elements, field)?.clear();
    }
  }, [usedCards, kept, elements, statuses]);
}

const clearedFields: Readonly<Record<Kept, readonly CardField[]>> = {
  all: [],
  without_code: ["cvc"],
  nothing: ["number", "expiry", "cvc"],
};
