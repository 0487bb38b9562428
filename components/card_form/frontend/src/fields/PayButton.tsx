/** The pay button, and above it any error that belongs to no single field. */
import { isBusy, canEdit, type FormState } from "../form_state";
import { buttonText } from "../status/status_text";

interface Props {
  state: FormState;
  amountLabel: string;
  id: string;
}

export function PayButton({ state, amountLabel, id }: Props): JSX.Element {
  return (
    <>
      <p id={`${id}-problem`} className="cardpay-problem" role="alert">
        {state.problem}
      </p>
      {/* aria-disabled, because a disabled button loses the focus. */}
      <button
        type="submit"
        className="cardpay-button cardpay-button-primary"
        aria-disabled={!canEdit(state)}
        aria-describedby={`${id}-problem`}
      >
        {(isBusy(state) || state.server.phase === "checking") && (
          <span className="cardpay-spinner" aria-hidden="true" />
        )}
        {buttonText(state, amountLabel)}
      </button>
    </>
  );
}
