/** The outcome and the main button, in the panel beside the order. */
import { useEffect, useRef, type Dispatch, type RefObject } from "react";

import type { CardFormData, Desk } from "../contract";
import type { FormEvent, FormState } from "../form_state";
import { StatusAnnouncement } from "../status/StatusAnnouncement";
import { NewPaymentButton, PayButton } from "./PayButton";

interface Props {
  data: CardFormData;
  desk: Desk;
  state: FormState;
  dispatch: Dispatch<FormEvent>;
  formId: string;
  /** Whether the order is about to be paid by link. */
  isLeaving: boolean;
  /** Puts the cursor where the next card is typed. */
  onNextCard: () => void;
}

export function Panel(props: Props): JSX.Element {
  const { data, desk, state, dispatch, formId, isLeaving, onNextCard } = props;
  const newPayment = useRef<HTMLButtonElement>(null);
  const status = useRef<HTMLDivElement>(null);
  useOutcomeFocus(data, state, newPayment, status);
  const problemId = `${formId}-problem`;
  return (
    <>
      <StatusAnnouncement panel={status} outcome={data.outcome} state={state} onNextCard={onNextCard} />
      <p id={problemId} className="cardpay-problem" role="alert">
        {state.problem}
      </p>
      <div className="cardpay-bar">
        <p className="cardpay-bar-total" aria-hidden="true">
          <span>Total</span>
          <strong>{data.amount_label}</strong>
        </p>
        {state.step === "done" && (
          <NewPaymentButton
            button={newPayment}
            onPress={() => desk.beginNewPayment({ payment_id: data.payment_id })}
          />
        )}
        {state.step === "offered" && (
          <button
            type="button"
            className="cardpay-button cardpay-button-primary cardpay-button-main"
            onClick={() => dispatch({ type: "open_action" })}
          >
            Continue authentication
          </button>
        )}
        {state.step !== "done" && state.step !== "offered" && (
          <PayButton
            state={state}
            amountLabel={data.amount_label}
            note={data.pay_note}
            isLeaving={isLeaving}
            formId={formId}
            problemId={problemId}
          />
        )}
      </div>
    </>
  );
}

/** A new outcome takes the focus: on the way on if all is over, else on the words. */
function useOutcomeFocus(
  data: CardFormData,
  state: FormState,
  newPayment: RefObject<HTMLButtonElement>,
  status: RefObject<HTMLDivElement>,
): void {
  const outcomeKey = data.outcome?.key ?? null;
  const known = useRef<string | null>(null);
  const done = state.step === "done";
  const isDrawn = done === (data.phase === "done"); // the form's state follows the data
  useEffect(() => {
    if (outcomeKey === known.current || !isDrawn) {
      return;
    }
    known.current = outcomeKey;
    if (outcomeKey !== null) {
      const target = done ? newPayment.current : status.current;
      (target ?? status.current)?.focus({ preventScroll: true });
    }
  }, [outcomeKey, done, isDrawn, newPayment, status]);
}
