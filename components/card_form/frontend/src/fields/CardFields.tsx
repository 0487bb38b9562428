/** The five fields and the pay button, in the order in which a caller reads out a card. */
import {
  CardCvcElement,
  CardExpiryElement,
  CardNumberElement,
  useElements,
} from "@stripe/react-stripe-js";
import type { Stripe, StripeElementStyle } from "@stripe/stripe-js";
import { useId, useMemo, useRef, useState, type Dispatch, type SyntheticEvent } from "react";

import { focusElement, untouchedCard, useUsedCards } from "../stripe/card_elements";
import type { CardFormData, Desk } from "../contract";
import { FieldRow, TextField } from "./FieldRow";
import { canEdit, type FormEvent, type FormState } from "../form_state";
import { PayButton } from "./PayButton";
import { useSubmission } from "../submission";
import { check, firstInvalid, staffMessage, type CardField, type Field } from "./validation";

interface Props {
  stripe: Stripe;
  data: CardFormData;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
  elementStyle: StripeElementStyle;
}

/** The part of a change event that the form uses; it is the same for all three card Elements. */
interface Change {
  complete: boolean;
  error: { code: string; message: string } | undefined;
}

export function CardFields({ stripe, data, desk, state, dispatch, elementStyle }: Props): JSX.Element {
  const elements = useElements();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [texts, setTexts] = useState({
    name: data.billing_name,
    postalCode: data.billing_postal_code,
  });
  const cards = useRef(untouchedCard);
  const pay = useSubmission({ stripe, elements, paymentId: data.payment_id, desk, state, dispatch });
  useUsedCards(state.usedCards, elements, cards);
  const open = canEdit(state);
  const options = useElementOptions(elementStyle, !open);

  function focus(field: Field): void {
    if (field === "name" || field === "postalCode") {
      form.current?.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus();
    } else {
      focusElement(elements, field);
    }
  }

  function changed(field: CardField, next: Field, { complete, error }: Change): void {
    const wasComplete = cards.current[field].complete;
    const message = error === undefined ? null : staffMessage(error.code, error.message);
    cards.current = { ...cards.current, [field]: { complete, error: message } };
    dispatch({ type: "field_changed", field, error: message });
    if (complete && !wasComplete) {
      focus(next);
    }
  }

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    if (!open) {
      return;
    }
    const errors = check(cards.current, texts.name, texts.postalCode);
    const refused = firstInvalid(errors);
    if (refused !== null) {
      dispatch({ type: "fields_refused", errors });
      focus(refused);
      return;
    }
    void pay(texts.name.trim(), texts.postalCode.trim()).then(
      (field) => field !== null && focus(field),
    );
  }

  const row = (field: Field) => ({ field, id, error: state.errors[field], onFocus: focus });
  const text = (field: "name" | "postalCode") => ({
    ...row(field),
    field,
    value: texts[field],
    readOnly: !open,
    onText: (value: string) => {
      setTexts({ ...texts, [field]: value });
      dispatch({ type: "field_changed", field, error: null });
    },
  });
  const box = (field: CardField) => ({ id: `${id}-${field}`, className: "cardpay-box", options });

  return (
    <form ref={form} noValidate onSubmit={submit} hidden={state.step === "offered"}>
      <FieldRow {...row("number")}>
        <CardNumberElement {...box("number")} onChange={(e) => changed("number", "expiry", e)} />
      </FieldRow>
      <div className="cardpay-pair">
        <FieldRow {...row("expiry")}>
          <CardExpiryElement {...box("expiry")} onChange={(e) => changed("expiry", "cvc", e)} />
        </FieldRow>
        <FieldRow {...row("cvc")}>
          <CardCvcElement {...box("cvc")} onChange={(e) => changed("cvc", "name", e)} />
        </FieldRow>
      </div>
      <div className="cardpay-pair cardpay-pair-wide">
        <TextField {...text("name")} />
        <TextField {...text("postalCode")} />
      </div>
      <PayButton state={state} amountLabel={data.amount_label} id={id} />
    </form>
  );
}

/** The same object until its content changes, since every new one is sent to three iframes. */
function useElementOptions(
  style: StripeElementStyle,
  disabled: boolean,
): { style: StripeElementStyle; disabled: boolean } {
  const styleText = JSON.stringify(style);
  return useMemo(
    () => ({ style: JSON.parse(styleText) as StripeElementStyle, disabled }),
    [styleText, disabled],
  );
}
