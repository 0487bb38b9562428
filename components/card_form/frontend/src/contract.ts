/** The data that Python and the browser exchange. `contract.py` is the Python side. */

export type Phase = "ready" | "checking" | "action" | "done";
export type Tone = "success" | "error" | "warning" | "info" | "neutral";
export type PressResult = "created" | "refused";
export type Kept = "all" | "without_code" | "nothing";

export interface Outcome {
  label: string;
  tone: Tone;
  title: string;
  lines: string[];
  /** Different for every outcome, so that a second identical decline is announced again. */
  key: string;
  /** What to say to the caller, and what staff do then; either may be empty. */
  say: string;
  do_next: string;
}

export interface CardFormData {
  publishable_key: string;
  stripe_js_url: string;
  /** Stays while one caller is served: a new one empties the form. */
  form_id: string;
  payment_id: string;
  amount_label: string;
  /** Said beneath the pay button; may be empty. */
  pay_note: string;
  phase: Phase;
  /** Whether the payment has its PaymentIntent, so that a card may be sent for it at once. */
  created: boolean;
  /** The last press that the server has answered, and its answer. */
  press_id: string | null;
  press_result: PressResult | null;
  /** The order's fields to mark, in reading order. */
  wrong_fields: string[];
  /** What of the card stays typed once an attempt has failed. */
  card_kept: Kept;
  /** The last submission that the server has settled. */
  settled_submission_id: string | null;
  outcome: Outcome | null;
  /** Set in phase "action" only. It is kept in memory, never in the document or in storage. */
  client_secret: string | null;
  action_id: string | null;
  /** The customer's name, for the card until somebody types another one. */
  billing_name: string;
  /** Whether the page around the form is older than this. */
  rest_is_old: boolean;
  /** Whether the order is complete, so that the card is what is typed first. */
  begins_at_card: boolean;
}

export interface Press {
  payment_id: string;
  submission_id: string;
  /** Without a complete card the order is only checked. */
  card_complete: boolean;
  /** What the button showed: no other amount is charged. */
  amount_label: string;
}

export interface Submission {
  payment_id: string;
  payment_method_id: string;
  submission_id: string;
}

export interface ActionResult {
  payment_id: string;
  action_id: string;
  /** Stripe's error code, or null if handleNextAction reported no error. Only a hint. */
  error_code: string | null;
}

export interface NewPayment {
  payment_id: string;
}

/** Sends the triggers that Python handles. */
export interface Desk {
  press: (press: Press) => void;
  submit: (submission: Submission) => void;
  reportAction: (result: ActionResult) => void;
  beginNewPayment: (request: NewPayment) => void;
  /** The form has drawn what it was told: the page around it may follow. */
  reportDrawn: () => void;
}
