/**
 * The form's states as a pure reducer.
 *
 * The server's view (phase, settled submission, action) arrives with every rerun, in any order
 * with what happens here. "Busy" therefore ends when the server names this form's own
 * submission as settled, never because of a status: a second decline has the same status.
 */
import type { Phase } from "./contract";
import { noFieldErrors, type Field, type FieldErrors } from "./fields/validation";

export type Step =
  | "loading" // Stripe.js is on its way
  | "unavailable" // Stripe.js did not come
  | "editing"
  | "tokenising" // the browser asks Stripe for a PaymentMethod
  | "waiting" // the server confirms
  | "overdue" // the server's answer should have been here long ago
  | "offered" // an action is required that this page did not start: the user opens it
  | "authenticating" // Stripe's dialog is open
  | "reporting" // the dialog is over, the server asks Stripe how it went
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
  /** The submission this page made and the server has not settled yet. */
  submissionId: string | null;
  /** The action this page opened last, or is asked to open. */
  actionId: string | null;
  /** True once a step that waits for somebody else has lasted a second. */
  slow: boolean;
  errors: FieldErrors;
  /** What went wrong outside a single field. */
  problem: string | null;
  /** Counts the cards that were used up: each increase clears the card fields. */
  usedCards: number;
  /** The outcome of an earlier attempt, hidden from the moment a new one starts. */
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

/** The steps in which this page has a charge or an authentication under way. */
export function isBusy(state: FormState): boolean {
  return ["tokenising", "waiting", "authenticating", "reporting"].includes(state.step);
}

/** The steps in which the person waits for somebody else, and is told so after a second. */
export function isWaiting(state: FormState): boolean {
  return ["tokenising", "waiting", "reporting"].includes(state.step);
}

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

/** An authentication may be continued; a charge may not be repeated, only looked up. */
function unanswered(state: FormState): FormState {
  if (state.step === "reporting" && state.server.phase === "action") {
    return { ...state, step: "offered", slow: false };
  }
  return state.step === "waiting" && state.server.phase === "ready"
    ? { ...state, step: "overdue", slow: false }
    : state;
}

/** Bring the step into line with what the server says. */
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
  // An offered action belongs to a card that is used up, whoever ended it.
  const actionEnded =
    step === "offered" ||
    (server.phase === "ready" && (step === "authenticating" || step === "reporting"));
  return actionEnded || (settled && server.phase === "ready") ? withFreshCard(state) : state;
}

function withFreshCard(state: FormState): FormState {
  const usedCards = state.usedCards + 1;
  return { ...state, step: "editing", submissionId: null, slow: false, usedCards };
}

/** An action of our own submission opens by itself; any other is offered with a button. */
function withAction(state: FormState): FormState {
  const isNew = state.server.actionId !== state.actionId;
  if (state.step === "waiting" || state.step === "overdue") {
    return isNew ? authenticating(state) : state;
  }
  if (state.step === "authenticating" || (state.step === "reporting" && !isNew)) {
    return state;
  }
  return { ...state, step: "offered", slow: false };
}
