/** The five fields, in the order in which a caller reads out a card. */
import {
  CardCvcElement,
  CardExpiryElement,
  CardNumberElement,
  useElements,
} from "@stripe/react-stripe-js";
import type { Stripe, StripeElementStyle } from "@stripe/stripe-js";
import {
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type Dispatch,
  type Ref,
  type SyntheticEvent,
} from "react";

import type { CardFormData, Desk } from "../contract";
import { canEdit, type FormEvent, type FormState } from "../form_state";
import { focusOrderField, orderText } from "../panel/page_fields";
import { focusElement, untouchedCard, useUsedCards } from "../stripe/card_elements";
import { useSubmission } from "../submission";
import { FieldRow, TextField } from "./FieldRow";
import { check, firstInvalid, staffMessage, type CardField, type Field } from "./validation";

/** What other parts of the form may ask of the fields. */
export interface CardFocus {
  focus: (field: Field) => void;
}

interface Props {
  stripe: Stripe;
  data: CardFormData;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
  elementStyle: StripeElementStyle;
  formId: string;
  /** Whether the order is about to be paid by link. */
  isLeaving: boolean;
  fields: Ref<CardFocus>;
}

/** The part of a change event that the form uses; it is the same for all three card Elements. */
interface Change {
  complete: boolean;
  error: { code: string; message: string } | undefined;
}

export function CardFields(props: Props): JSX.Element {
  const { stripe, data, desk, state, dispatch, elementStyle, formId, isLeaving, fields } = props;
  const elements = useElements();
  const form = useRef<HTMLFormElement>(null);
  // Until somebody types a name on the card, it is the customer's.
  const [typedName, setTypedName] = useState<string | null>(null);
  const [postalCode, setPostalCode] = useState("");
  const name = typedName ?? data.billing_name;
  const cards = useRef(untouchedCard);
  const pay = useSubmission({
    stripe,
    elements,
    paymentId: data.payment_id,
    amountLabel: data.amount_label,
    desk,
    state,
    dispatch,
    name,
    postalCode,
  });
  useUsedCards(state.usedCards, data.card_kept, elements, cards);
  const open = canEdit(state);
  const options = useElementOptions(elementStyle, !open);

  function focus(field: Field): void {
    if (field === "name" || field === "postalCode") {
      form.current?.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus();
    } else {
      focusElement(elements, field);
    }
  }
  useImperativeHandle(fields, () => ({ focus }));
  useRefusalFocus(data, state, focus);

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
    if (open && !isLeaving) {
      // The server has the customer's name, which may be typed but not yet drawn here.
      const checkedName = typedName === null && !data.created ? null : name;
      pay(check(cards.current, checkedName, postalCode));
    }
  }

  function afterCode(): Field {
    // A fast typist is here before the server has said the customer's name.
    const willBeNamed = typedName === null && orderText(data.payment_id, "customer_name") !== "";
    return willBeNamed || name.trim() !== "" ? "postalCode" : "name";
  }

  const row = (field: Field) => ({
    field,
    id: formId,
    error: state.errors[field],
    onFocus: focus,
  });
  const text = (field: "name" | "postalCode", value: string, set: (value: string) => void) => ({
    ...row(field),
    field,
    value,
    readOnly: !open,
    onText: (typed: string) => {
      set(typed);
      dispatch({ type: "field_changed", field, error: null });
    },
  });
  const box = (field: CardField) => ({
    id: `${formId}-${field}`,
    className: "cardpay-box",
    options,
  });

  return (
    <form
      ref={form}
      id={formId}
      className="cardpay-card"
      noValidate
      onSubmit={submit}
      hidden={state.step === "offered"}
    >
      <FieldRow {...row("number")}>
        <CardNumberElement
          {...box("number")}
          onReady={() => data.begins_at_card && !isTyping() && focus("number")}
          onChange={(e) => changed("number", "expiry", e)}
        />
      </FieldRow>
      <div className="cardpay-pair">
        <FieldRow {...row("expiry")}>
          <CardExpiryElement {...box("expiry")} onChange={(e) => changed("expiry", "cvc", e)} />
        </FieldRow>
        <FieldRow {...row("cvc")}>
          <CardCvcElement {...box("cvc")} onChange={(e) => changed("cvc", afterCode(), e)} />
        </FieldRow>
      </div>
      <TextField {...text("name", name, setTypedName)} />
      <TextField {...text("postalCode", postalCode, setPostalCode)} />
    </form>
  );
}

/** Whether somebody has gone on to a field meanwhile. */
function isTyping(): boolean {
  return document.activeElement?.matches("input, textarea") ?? false;
}

/** After a refusal: on the first wrong field, of the order or else of the card. */
function useRefusalFocus(
  data: CardFormData,
  state: FormState,
  focus: (field: Field) => void,
): void {
  const shown = useRef(state.refusals);
  useEffect(() => {
    if (state.refusals === shown.current) {
      return;
    }
    shown.current = state.refusals;
    const wrong = state.refusedByServer ? data.wrong_fields[0] : undefined;
    const wrongOfCard = firstInvalid(state.errors);
    if (wrong !== undefined) {
      focusOrderField(data.payment_id, wrong);
    } else if (wrongOfCard !== null) {
      focus(wrongOfCard);
    }
  });
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
