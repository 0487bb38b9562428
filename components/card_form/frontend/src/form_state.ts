/**
 * The form's state machine, as a pure reducer.
 *
 * One press of the pay button takes three steps: the server makes the PaymentIntent (unless there
 * is one), the browser makes the PaymentMethod, and the server confirms. The server's state
 * arrives with every rerun, before or after the browser's own events. A step therefore ends when
 * the server names this page's press or submission, never because of a status: a second decline
 * has the same status as the first.
 */
import type { Kept, Phase, PressResult } from "./contract";
import { firstInvalid, noFieldErrors, type Field, type FieldErrors } from "./fields/validation";
import { threeDSecureStart } from "./three_d_secure_start";

export type Step =
  | "loading" // Stripe.js is loading
  | "unavailable" // Stripe.js failed to load
  | "editing"
  | "pressing" // the server is checking the order and creating the PaymentIntent
  | "tokenising" // the browser is creating a PaymentMethod at Stripe
  | "waiting" // the server is confirming the payment
  | "overdue" // the server has not responded in time
  | "offered" // authentication is required for an earlier submission: the user starts it
  | "authenticating" // Stripe's 3-D Secure dialog is open
  | "reporting" // the dialog has closed, and the server is retrieving the result from Stripe
  | "done";

export interface ServerView {
  paymentId: string;
  phase: Phase;
  created: boolean;
  pressId: string | null;
  pressResult: PressResult | null;
  cardKept: Kept;
  settledSubmissionId: string | null;
  actionId: string | null;
  outcomeKey: string | null;
}

export interface FormState {
  step: Step;
  server: ServerView;
  /** This page's press or submission that the server has not settled yet. */
  submissionId: string | null;
  /** The authentication that this page opened last or is about to open. */
  actionId: string | null;
  /** Whether the current step has been waiting for more than a second. */
  slow: boolean;
  errors: FieldErrors;
  /** An error that belongs to no single field. */
  problem: string | null;
  /** How many presses were refused before a card was tried. Each moves the focus. */
  refusals: number;
  /** Whether the last refusal was the server's, which names fields of the order. */
  refusedByServer: boolean;
  /** How many cards were tried. Each increase clears what is not kept of the card. */
  usedCards: number;
  /** The outcome of an earlier attempt, hidden as soon as a new one starts. */
  staleOutcomeKey: string | null;
}

export type FormEvent =
  | { type: "stripe_ready" }
  | { type: "stripe_failed" }
  | { type: "load_again" }
  | { type: "server_changed"; server: ServerView }
  | { type: "field_changed"; field: Field; error: string | null }
  | { type: "pay"; submissionId: string; errors: FieldErrors }
  | { type: "tokenised" }
  | { type: "token_refused"; field: Field | null; message: string }
  | { type: "open_action" }
  | { type: "action_over" }
  | { type: "no_answer" }
  | { type: "slow" };

export function initialState(server: ServerView): FormState {
  return {
    step: server.phase === "done" ? "done" : "loading",
    server,
    submissionId: null,
    actionId: null,
    slow: false,
    errors: noFieldErrors,
    problem: null,
    refusals: 0,
    refusedByServer: false,
    usedCards: 0,
    staleOutcomeKey: null,
  };
}

const busy: ReadonlySet<Step> = new Set([
  "pressing",
  "tokenising",
  "waiting",
  "authenticating",
  "reporting",
]);

/** Whether a charge or an authentication of this page is in progress. */
export function isBusy(state: FormState): boolean {
  return busy.has(state.step);
}

/** Whether this page waits for Stripe or the server. After a second it says so. */
export function isWaiting(state: FormState): boolean {
  return isBusy(state) && state.step !== "authenticating";
}

/** Whether the fields can be edited and a payment submitted. */
export function canEdit(state: FormState): boolean {
  return state.step === "editing" && state.server.phase === "ready";
}

export function reduce(state: FormState, event: FormEvent): FormState {
  switch (event.type) {
    case "stripe_ready":
      return state.step === "loading" ? settle({ ...state, step: "editing" }) : state;
    case "stripe_failed":
      return state.step === "loading" ? { ...state, step: "unavailable" } : state;
    case "load_again":
      return state.step === "unavailable" ? { ...state, step: "loading" } : state;
    case "server_changed":
      return settle(withServer(state, event.server));
    case "field_changed":
      return { ...state, errors: { ...state.errors, [event.field]: event.error } };
    case "pay":
      return canEdit(state) ? pressed(state, event.submissionId, event.errors) : state;
    case "tokenised":
      return state.step === "tokenising" ? settle({ ...state, step: "waiting" }) : state;
    case "token_refused":
      return state.step === "tokenising" ? tokenRefused(state, event.field, event.message) : state;
    case "open_action":
      return state.step === "offered" ? authenticating(state) : state;
    case "action_over":
      return state.step === "authenticating"
        ? settle({ ...state, step: "reporting", slow: false })
        : state;
    case "no_answer":
      return unanswered(state);
    case "slow":
      return isWaiting(state) ? { ...state, slow: true } : state;
  }
}

/** The server's new state. Another payment has nothing to do with what was under way. */
function withServer(state: FormState, server: ServerView): FormState {
  if (server.paymentId === state.server.paymentId) {
    return { ...state, server };
  }
  const stays = ["loading", "unavailable", "done"].includes(state.step);
  const step = stays ? state.step : "editing";
  return {
    ...state,
    server,
    step,
    submissionId: null,
    actionId: null,
    slow: false,
    problem: null,
    staleOutcomeKey: null,
  };
}

/** A press with a wrong card goes to the server all the same, which checks the order alone. */
function pressed(state: FormState, submissionId: string, errors: FieldErrors): FormState {
  const next = { ...state, errors, problem: null, slow: false };
  if (!state.server.created) {
    return {
      ...next,
      step: "pressing",
      submissionId,
      staleOutcomeKey: state.server.outcomeKey,
    };
  }
  return firstInvalid(errors) === null
    ? { ...next, step: "tokenising", submissionId, staleOutcomeKey: state.server.outcomeKey }
    : refused(next, { byServer: false });
}

function refused(state: FormState, { byServer }: { byServer: boolean }): FormState {
  return {
    ...state,
    step: "editing",
    submissionId: null,
    slow: false,
    refusals: state.refusals + 1,
    refusedByServer: byServer,
  };
}

function tokenRefused(state: FormState, field: Field | null, message: string): FormState {
  const editing = refused(state, { byServer: false });
  return field === null
    ? { ...editing, problem: message }
    : { ...editing, errors: { ...state.errors, [field]: message } };
}

function authenticating(state: FormState): FormState {
  return { ...state, step: "authenticating", actionId: state.server.actionId, slow: false };
}

/**
 * A timeout. An authentication can be continued, and a press tried again, since no card was sent;
 * but a charge must never be repeated.
 */
function unanswered(state: FormState): FormState {
  if (state.step === "pressing") {
    return {
      ...refused(state, { byServer: false }),
      problem: "The desk isn't responding. No card was sent, so nothing was charged. Try again.",
    };
  }
  if (state.step === "reporting" && state.server.phase === "action") {
    return { ...state, step: "offered", slow: false };
  }
  return state.step === "waiting" && state.server.phase === "ready"
    ? { ...state, step: "overdue", slow: false }
    : state;
}

/** The state with its step adjusted to the server's. */
function settle(state: FormState): FormState {
  const { server, step } = state;
  if (server.phase === "done") {
    return { ...state, step: "done", submissionId: null, slow: false };
  }
  if (step === "loading" || step === "unavailable" || step === "tokenising") {
    return state;
  }
  if (step === "done") {
    return { ...state, step: "loading" }; // another payment
  }
  if (server.phase === "action") {
    return withAction(state);
  }
  if (step === "pressing") {
    return answered(state);
  }
  const settled = state.submissionId !== null && server.settledSubmissionId === state.submissionId;
  // An offered authentication belongs to a card that was already used, wherever it ended.
  const actionEnded =
    step === "offered" ||
    (server.phase === "ready" && (step === "authenticating" || step === "reporting"));
  return actionEnded || (settled && server.phase === "ready") ? withUsedCard(state) : state;
}

/** After the server's answer to a press: the card is sent, or the first wrong field shown. */
function answered(state: FormState): FormState {
  const { server } = state;
  if (server.pressId !== state.submissionId) {
    return state;
  }
  const goesOn =
    server.pressResult === "created" &&
    server.created &&
    server.phase === "ready" &&
    firstInvalid(state.errors) === null;
  return goesOn ? { ...state, step: "tokenising" } : refused(state, { byServer: true });
}

function withUsedCard(state: FormState): FormState {
  const usedCards = state.usedCards + 1;
  return { ...state, step: "editing", submissionId: null, slow: false, usedCards };
}

function withAction(state: FormState): FormState {
  switch (threeDSecureStart(state)) {
    case "opens":
      return authenticating(state);
    case "offered":
      return { ...state, step: "offered", submissionId: null, slow: false };
    case "unchanged":
      return state;
  }
}
