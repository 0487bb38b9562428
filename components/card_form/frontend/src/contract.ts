/** What Python and the browser say to each other; the other half is `contract.py`. */

export type Phase = "ready" | "checking" | "action" | "done";
export type Tone = "success" | "error" | "warning" | "info" | "neutral";

export interface Outcome {
  label: string;
  tone: Tone;
  title: string;
  lines: string[];
  /** Differs for every new outcome, so that a second equal decline is announced again. */
  key: string;
}

export interface CardFormData {
  publishable_key: string;
  stripe_js_url: string;
  payment_id: string;
  amount_label: string;
  phase: Phase;
  /** The last submission that the server has finished with. */
  settled_submission_id: string | null;
  outcome: Outcome | null;
  /** Present in phase "action" only; kept in memory, never in the document or in storage. */
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
  /** Stripe's error code, or null when handleNextAction reported no error. A hint only. */
  error_code: string | null;
}

/** The two triggers that Python listens to. */
export interface Desk {
  submit: (submission: Submission) => void;
  reportAction: (result: ActionResult) => void;
}
