/** The form's only live region: the last attempt's outcome, or what the form is waiting for. */
import { useEffect, useRef, type Ref } from "react";

import type { Outcome } from "../contract";
import { canEdit, type FormState } from "../form_state";
import { nextCardText, waitingText } from "./status_text";

interface Props {
  panel: Ref<HTMLDivElement>;
  outcome: Outcome | null;
  state: FormState;
  onNextCard: () => void;
}

export function StatusAnnouncement({ panel, outcome, state, onNextCard }: Props): JSX.Element {
  // The element must never be replaced: screen readers observe the element, not its place.
  return (
    <div ref={panel} tabIndex={-1} role="status" aria-live="polite" className="cardpay-status">
      {outcome !== null && outcome.key !== state.staleOutcomeKey ? (
        <OutcomePanel key={outcome.key} outcome={outcome}>
          {outcome.label === "Declined" && canEdit(state) && (
            <button type="button" className="cardpay-button cardpay-button-small" onClick={onNextCard}>
              {nextCardText(state.server.cardKept)}
            </button>
          )}
        </OutcomePanel>
      ) : (
        <span className="cardpay-heard">{state.slow ? waitingText(state) : ""}</span>
      )}
    </div>
  );
}

const signs = { success: "✓", error: "✕", warning: "!", info: "i", neutral: "–" } as const;

interface PanelProps {
  outcome: Outcome;
  children: React.ReactNode;
}

function OutcomePanel({ outcome, children }: PanelProps): JSX.Element {
  // In a low window the outcome can appear above the visible part of the page.
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={panel} className={`cardpay-outcome cardpay-tone-${outcome.tone}`}>
      <p className="cardpay-outcome-label">
        <span className="cardpay-sign" aria-hidden="true">
          {signs[outcome.tone]}
        </span>
        <strong>{outcome.label}</strong>
      </p>
      {outcome.title !== "" && outcome.title !== outcome.label && <p>{outcome.title}</p>}
      {outcome.lines.map((line, place) => (
        <p key={place}>{line}</p>
      ))}
      {(outcome.say !== "" || outcome.do_next !== "") && (
        <dl className="cardpay-advice">
          {outcome.say !== "" && <Advice term="Say" words={`“${outcome.say}”`} />}
          {outcome.do_next !== "" && <Advice term="Do" words={outcome.do_next} />}
        </dl>
      )}
      {children}
    </div>
  );
}

function Advice({ term, words }: { term: string; words: string }): JSX.Element {
  return (
    <div>
      <dt>
        {term}
        <span className="cardpay-heard">: </span>
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
