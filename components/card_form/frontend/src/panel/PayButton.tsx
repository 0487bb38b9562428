/** The panel's main button: pays, and once that is over begins with the next caller. */
import type { MouseEvent, Ref } from "react";

import { canEdit, isBusy, type FormState } from "../form_state";
import { buttonText } from "../status/status_text";

interface PayProps {
  state: FormState;
  amountLabel: string;
  note: string;
  /** The order is about to be paid by link. */
  isLeaving: boolean;
  formId: string;
  problemId: string;
}

export function PayButton(props: PayProps): JSX.Element {
  const { state, amountLabel, note, isLeaving, formId, problemId } = props;
  const noteId = `${formId}-note`;
  return (
    <>
      {/* aria-disabled, because a disabled button loses the focus. */}
      <button
        type="submit"
        form={formId}
        className="cardpay-button cardpay-button-primary cardpay-button-main"
        aria-disabled={!canEdit(state) || isLeaving}
        aria-describedby={`${problemId} ${noteId}`}
      >
        {(isBusy(state) || state.server.phase === "checking") && (
          <span className="cardpay-spinner" aria-hidden="true" />
        )}
        {buttonText(state, amountLabel)}
      </button>
      <p id={noteId} className="cardpay-pay-note">
        {note}
      </p>
    </>
  );
}

interface NewPaymentProps {
  button: Ref<HTMLButtonElement>;
  onPress: () => void;
}

export function NewPaymentButton({ button, onPress }: NewPaymentProps): JSX.Element {
  // It takes the place and the focus of the pay button: the second click of a double click, or a
  // key that is held down, would take the outcome off the screen before anybody has read it.
  const press = (event: MouseEvent): void => {
    if (event.detail <= 1) {
      onPress();
    }
  };
  return (
    <button
      ref={button}
      type="button"
      className="cardpay-button cardpay-button-primary cardpay-button-main"
      onKeyDown={(event) => event.repeat && event.preventDefault()}
      onClick={press}
    >
      New payment
    </button>
  );
}
