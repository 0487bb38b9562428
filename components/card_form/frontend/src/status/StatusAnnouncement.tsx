/** The form's only live region: the last attempt's outcome, or what the form is waiting for. */
import { useEffect, useRef } from "react";

import type { Outcome } from "../contract";
import type { FormState } from "../form_state";
import { waitingText } from "./status_text";

interface Props {
  outcome: Outcome | null;
  state: FormState;
}

export function StatusAnnouncement({ outcome, state }: Props): JSX.Element {
  // The element must never be replaced: screen readers observe the element, not its place.
  return (
    <div role="status" aria-live="polite" className="cardpay-status">
      {outcome !== null && outcome.key !== state.staleOutcomeKey ? (
        <OutcomePanel key={outcome.key} outcome={outcome} />
      ) : (
        <span className="cardpay-heard">{state.slow ? waitingText(state) : ""}</span>
      )}
    </div>
  );
}

const signs = { success: "✓", error: "✕", warning: "!", info: "i", neutral: "–" } as const;

function OutcomePanel({ outcome }: { outcome: Outcome }): JSX.Element {
  // In a low window the outcome can appear above the visible part of the page.
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={panel} className={`cardpay-outcome cardpay-tone-${outcome.tone}`}>
      <span className="cardpay-sign" aria-hidden="true">
        {signs[outcome.tone]}
      </span>
      <div className="cardpay-outcome-text">
        <p className="cardpay-outcome-title">
          <strong>{outcome.label}</strong>
          {outcome.title !== "" && outcome.title !== outcome.label && <>: {outcome.title}</>}
        </p>
        {outcome.lines.map((line, place) => (
          <p key={place}>{line}</p>
        ))}
      </div>
    </div>
  );
}
