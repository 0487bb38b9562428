/** The data that Python and the browser exchange. `contract.py` is the Python side. */

export type Phase = "ready" | "checking" | "action" | "done";
export type Tone = "success" | "error" | "warning" | "info" | "neutral";

export interface Outcome {
  label: string;
  tone: Tone;
  title: string;
  lines: string[];
  /** Different for every outcome, so that a second identical decline is announced again. */
  key: string;
}

export interface CardFormData {
  publishable_key: string;
  stripe_js_url: string;
  payment_id: string;
  amount_label: string;
  phase: Phase;
  /** The last submission that the server has settled. */
  settled_submission_id: string | null;
  outcome: Outcome | null;
  /** Set in phase "action" only. It is kept in memory, never in the document or in storage. */
  client_secret: string | null;
  action_id: string | null;
  billing_name: string;
  billing_postal_code: string;
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

/** Sends the two triggers that Python handles. */
export interface Desk {
  submit: (submission: Submission) => void;
  reportAction: (result: ActionResult) => void;
}
