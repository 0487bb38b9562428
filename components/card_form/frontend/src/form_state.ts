/**
 * The form's state machine, as a pure reducer.
 *
 * The server's state (phase, settled submission, action) arrives with every rerun, before or
 * after the browser's own events. A submission therefore ends when the server names it as
 * settled, never because of a status: a second decline has the same status as the first.
 */
import type { Phase } from "./contract";
import { noFieldErrors, type Field, type FieldErrors } from "./fields/validation";
import { threeDSecureStart } from "./three_d_secure_start";

export type Step =
  | "loading" // Stripe.js is loading
  | "unavailable" // Stripe.js failed to load
  | "editing"
  | "tokenising" // the browser is creating a PaymentMethod at Stripe
  | "waiting" // the server is confirming the payment
  | "overdue" // the server has not responded in time
  | "offered" // authentication is required for an earlier submission: the user starts it
  | "authenticating" // Stripe's 3-D Secure dialog is open
  | "reporting" // the dialog has closed, and the server is retrieving the result from Stripe
  | "done";

export interface ServerView {
  phase: Phase;
  settledSubmissionId: string | null;
  actionId: string | null;
  outcomeKey: string | null;
}

export interface FormState {
  step: Step;
  server: ServerView;
  /** This page's submission that the server has not settled yet. */
  submissionId: string | null;
  /** The authentication that this page opened last or is about to open. */
  actionId: string | null;
  /** Whether the current step has been waiting for more than a second. */
  slow: boolean;
  errors: FieldErrors;
  /** An error that belongs to no single field. */
  problem: string | null;
  /** How many cards were tried. Each increase clears the card fields. */
  usedCards: number;
  /** The outcome of an earlier attempt, hidden as soon as a new one starts. */
  staleOutcomeKey: string | null;
}

export type FormEvent =
  | { type: "stripe_ready" }
  | { type: "stripe_failed" }
  | { type: "load_again" }
  | { type: "server_changed"; server: ServerView }
  | { type: "fields_refused"; errors: FieldErrors }
  | { type: "field_changed"; field: Field; error: string | null }
  | { type: "pay"; submissionId: string }
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
    usedCards: 0,
    staleOutcomeKey: null,
  };
}

/** Whether a charge or an authentication of this page is in progress. */
export function isBusy(state: FormState): boolean {
  return ["tokenising", "waiting", "authenticating", "reporting"].includes(state.step);
}

/** Whether this page waits for Stripe or the server. After a second it says so. */
export function isWaiting(state: FormState): boolean {
  return ["tokenising", "waiting", "reporting"].includes(state.step);
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
      return settle({ ...state, server: event.server });
    case "fields_refused":
      return { ...state, errors: event.errors };
    case "field_changed":
      return { ...state, errors: { ...state.errors, [event.field]: event.error } };
    case "pay":
      return canEdit(state) ? started(state, event.submissionId) : state;
    case "tokenised":
      return state.step === "tokenising" ? settle({ ...state, step: "waiting" }) : state;
    case "token_refused":
      return state.step === "tokenising" ? refused(state, event.field, event.message) : state;
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

function started(state: FormState, submissionId: string): FormState {
  return {
    ...state,
    step: "tokenising",
    submissionId,
    slow: false,
    errors: noFieldErrors,
    problem: null,
    staleOutcomeKey: state.server.outcomeKey,
  };
}

function refused(state: FormState, field: Field | null, message: string): FormState {
  const editing: FormState = { ...state, step: "editing", submissionId: null, slow: false };
  return field === null
    ? { ...editing, problem: message }
    : { ...editing, errors: { ...state.errors, [field]: message } };
}

function authenticating(state: FormState): FormState {
  return { ...state, step: "authenticating", actionId: state.server.actionId, slow: false };
}

/** A timeout: an authentication can be continued, but a charge must never be repeated. */
function unanswered(state: FormState): FormState {
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
  if (server.phase === "action") {
    return withAction(state);
  }
  const settled = state.submissionId !== null && server.settledSubmissionId === state.submissionId;
  // An offered authentication belongs to a card that was already used, wherever it ended.
  const actionEnded =
    step === "offered" ||
    (server.phase === "ready" && (step === "authenticating" || step === "reporting"));
  return actionEnded || (settled && server.phase === "ready") ? withFreshCard(state) : state;
}

function withFreshCard(state: FormState): FormState {
  const usedCards = state.usedCards + 1;
  return { ...state, step: "editing", submissionId: null, slow: false, usedCards };
}

function withAction(state: FormState): FormState {
  switch (threeDSecureStart(state)) {
    case "opens":
      return authenticating(state);
    case "offered":
      return { ...state, step: "offered", slow: false };
    case "unchanged":
      return state;
  }
}
