/** The whole form: the loading or failure of Stripe.js, the fields, and the panel beside them. */
import { Elements } from "@stripe/react-stripe-js";
import type { Stripe, StripeElementStyle } from "@stripe/stripe-js";
import { useEffect, useId, useReducer, useRef, useState, type Dispatch } from "react";
import { createPortal } from "react-dom";

import type { CardFormData, Desk } from "./contract";
import { CardFields, type CardFocus } from "./fields/CardFields";
import {
  initialState,
  isBusy,
  isWaiting,
  reduce,
  type FormEvent,
  type FormState,
  type ServerView,
} from "./form_state";
import { useLeavingForLink } from "./panel/leaving";
import { focusOrderField, markWrongFields } from "./panel/page_fields";
import { Panel } from "./panel/Panel";
import { loadStripeOnce } from "./stripe/load_stripe";

/** A step that takes longer than this shows what it is waiting for. */
const slowAfterMilliseconds = 1_000;
/** Long enough for the browser to show an outcome before it works on the rest of the page. */
const afterPaintMilliseconds = 50;
/** Well beyond the 25 s after which the server itself reports "Checking with Stripe". */
const noAnswerAfterMilliseconds = 40_000;

interface Props {
  data: CardFormData;
  desk: Desk;
  elementStyle: StripeElementStyle;
  /** Where the outcome and the pay button are drawn. */
  outlet: HTMLElement;
}

export function CardForm({ data, desk, elementStyle, outlet }: Props): JSX.Element {
  const [state, dispatch] = useReducer(reduce, serverView(data), initialState);
  const stripe = useStripe(data, state, dispatch);
  const fields = useRef<CardFocus>(null);
  const formId = useId();
  const isLeaving = useLeavingForLink();
  useServer(data, dispatch);
  useTimers(state, dispatch);
  useAuthentication(stripe, data, desk, state, dispatch);
  useFirstFocus(data);
  useWrongFields(data);
  useReportDrawn(data, desk, state);

  function focusNextCard(): void {
    fields.current?.focus(data.card_kept === "without_code" ? "cvc" : "number");
  }

  return (
    <div className="cardpay-form" data-cardpay-busy={isBusy(state) ? "true" : "false"}>
      {createPortal(
        <Panel
          data={data}
          desk={desk}
          state={state}
          dispatch={dispatch}
          formId={formId}
          isLeaving={isLeaving}
          onNextCard={focusNextCard}
        />,
        outlet,
      )}
      {state.step === "loading" && <p className="cardpay-loading">Loading the card form…</p>}
      {state.step === "unavailable" && (
        <div className="cardpay-notice" role="alert">
          <p>
            The card form didn't load. Nothing was charged. Check your connection, then try
            again.
          </p>
          <button
            type="button"
            className="cardpay-button"
            onClick={() => dispatch({ type: "load_again" })}
          >
            Try again
          </button>
        </div>
      )}
      {state.step === "overdue" && (
        <div className="cardpay-notice" role="alert">
          <p>
            We haven't had an answer yet. Don't charge the card again. Reload the page to see
            the payment's status.
          </p>
          <button type="button" className="cardpay-button" onClick={() => location.reload()}>
            Reload the page
          </button>
        </div>
      )}
      {stripe !== null && state.step !== "done" && (
        <Elements stripe={stripe}>
          <CardFields
            stripe={stripe}
            data={data}
            desk={desk}
            state={state}
            dispatch={dispatch}
            elementStyle={elementStyle}
            formId={formId}
            isLeaving={isLeaving}
            fields={fields}
          />
        </Elements>
      )}
    </div>
  );
}

/** On the first field of an order, when a caller's turn begins; a complete one begins at its card. */
function useFirstFocus({ form_id, payment_id, created, begins_at_card }: CardFormData): void {
  const begun = useRef<string | null>(null);
  const turn = `${form_id} ${payment_id}`; // a changed order keeps its form, and the card in it
  useEffect(() => {
    if (begun.current === turn) {
      return;
    }
    begun.current = turn;
    if (!created && !begins_at_card) {
      focusOrderField(payment_id, "product_id");
    }
  }, [turn, payment_id, created, begins_at_card]);
}

function useWrongFields({ payment_id, press_id, wrong_fields }: CardFormData): void {
  const names = wrong_fields.join(" ");
  useEffect(
    () => (names === "" ? undefined : markWrongFields(payment_id, names.split(" "))),
    [payment_id, press_id, names],
  );
}

/** Asks for the page around the form, once an outcome is on screen and the caller has it. */
function useReportDrawn(data: CardFormData, desk: Desk, state: FormState): void {
  const latest = useRef(desk);
  latest.current = desk;
  const over = data.rest_is_old && !["pressing", "tokenising", "waiting"].includes(state.step);
  const outcomeKey = data.outcome?.key ?? null;
  useEffect(() => {
    if (!over) {
      return undefined;
    }
    const timer = setTimeout(() => latest.current.reportDrawn(), afterPaintMilliseconds);
    return () => clearTimeout(timer);
  }, [over, outcomeKey]);
}

function serverView(data: CardFormData): ServerView {
  return {
    paymentId: data.payment_id,
    phase: data.phase,
    created: data.created,
    pressId: data.press_id,
    pressResult: data.press_result,
    cardKept: data.card_kept,
    settledSubmissionId: data.settled_submission_id,
    actionId: data.action_id,
    outcomeKey: data.outcome?.key ?? null,
  };
}

function useServer(data: CardFormData, dispatch: Dispatch<FormEvent>): void {
  const { payment_id, phase, created, press_id, press_result, card_kept } = data;
  const { settled_submission_id, action_id } = data;
  const outcomeKey = data.outcome?.key ?? null;
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    dispatch({ type: "server_changed", server: serverView(latest.current) });
  }, [
    payment_id,
    phase,
    created,
    press_id,
    press_result,
    card_kept,
    settled_submission_id,
    action_id,
    outcomeKey,
    dispatch,
  ]);
}

function useStripe(
  data: CardFormData,
  state: FormState,
  dispatch: Dispatch<FormEvent>,
): Stripe | null {
  const [stripe, setStripe] = useState<Stripe | null>(null);
  const loading = state.step === "loading";
  const { publishable_key, stripe_js_url } = data;
  useEffect(() => {
    if (!loading) {
      return undefined;
    }
    let mounted = true;
    loadStripeOnce(publishable_key, stripe_js_url).then(
      (loaded) => {
        if (mounted) {
          setStripe(loaded);
          dispatch({ type: "stripe_ready" });
        }
      },
      () => {
        if (mounted) {
          dispatch({ type: "stripe_failed" });
        }
      },
    );
    return () => {
      mounted = false;
    };
  }, [loading, publishable_key, stripe_js_url, dispatch]);
  return stripe;
}

function useTimers(state: FormState, dispatch: Dispatch<FormEvent>): void {
  const waiting = isWaiting(state);
  const unanswered = ["pressing", "waiting", "reporting"].includes(state.step);
  useEffect(() => {
    if (!waiting) {
      return undefined;
    }
    const timer = setTimeout(() => dispatch({ type: "slow" }), slowAfterMilliseconds);
    return () => clearTimeout(timer);
  }, [waiting, dispatch]);
  useEffect(() => {
    if (!unanswered) {
      return undefined;
    }
    const timer = setTimeout(() => dispatch({ type: "no_answer" }), noAnswerAfterMilliseconds);
    return () => clearTimeout(timer);
  }, [unanswered, dispatch]);
}

function useAuthentication(
  stripe: Stripe | null,
  data: CardFormData,
  desk: Desk,
  state: FormState,
  dispatch: Dispatch<FormEvent>,
): void {
  const latest = useRef({ data, desk });
  latest.current = { data, desk };
  const open = state.step === "authenticating" ? state.actionId : null;
  useEffect(() => {
    if (stripe === null || open === null) {
      return;
    }
    const { payment_id, client_secret } = latest.current.data;
    void authenticate(stripe, client_secret).then((errorCode) => {
      latest.current.desk.reportAction({ payment_id, action_id: open, error_code: errorCode });
      dispatch({ type: "action_over" });
    });
  }, [stripe, open, dispatch]);
}

/** Stripe's error code, or null. It is only a hint: the server retrieves the PaymentIntent. */
async function authenticate(stripe: Stripe, clientSecret: string | null): Promise<string | null> {
  if (clientSecret === null) {
    return "payment_intent_unexpected_state";
  }
  try {
    const { error } = await stripe.handleNextAction({ clientSecret });
    return error === undefined ? null : (error.code ?? error.type);
  } catch {
    return "integration_error";
  }
}
