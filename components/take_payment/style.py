"""The looks of Take payment, beyond those of every page."""

from typing import Final

STYLE: Final = """<style>
.st-key-title-row { justify-content: space-between; align-items: center; flex-wrap: nowrap; }
.st-key-title-row > :last-child { margin-left: auto; width: auto; flex: none; }
.cardpay-my-day { margin: 0; text-align: right; color: var(--desk-muted); }
.cardpay-my-day strong { color: var(--desk-text); font-weight: 600; }

.st-key-order, .st-key-panel {
  background: var(--desk-surface); border-color: var(--desk-line) !important;
  border-radius: 8px !important;
}
.st-key-order h2, .st-key-panel h2 {
  font-size: 16px; line-height: 24px; font-weight: 600; padding: 0; margin: 0;
}
.st-key-order h2 { padding-bottom: 12px !important; }
.st-key-order { gap: 0; padding: 0 !important; }
.st-key-order > * { padding: 16px 24px; }
.st-key-order > * + * { border-top: 1px solid var(--desk-line); }
.st-key-order > * > [class*="st-key-order-"] { gap: 12px; }
.st-key-order [class*="st-key-order-"] { gap: 12px; }
.st-key-order [data-testid="stColumn"] > [data-testid="stVerticalBlock"] { gap: 4px; }
.st-key-order [data-testid="stWidgetLabel"] { min-height: 20px; margin-bottom: 2px; }
.st-key-order-more details { border: none !important; background: none; }
.st-key-order-more summary { padding: 0 !important; }
.st-key-order-more [data-testid="stExpanderDetails"] { padding: 12px 0 0 !important; }
/* An order that can't be changed any more stays as readable as it was. */
.st-key-order :is(input, textarea):disabled,
.st-key-order [data-baseweb="select"] [aria-disabled="true"],
.st-key-order label[disabled] * {
  color: var(--desk-text) !important; -webkit-text-fill-color: var(--desk-text) !important;
  opacity: 1;
}
.st-key-order :is([data-baseweb="input"], [data-baseweb="textarea"], [data-baseweb="select"] > div,
  [data-testid="stNumberInputContainer"]):has(:disabled) {
  background: var(--desk-page); border-color: var(--desk-line);
}
.st-key-order :is([data-baseweb="input"], [data-baseweb="textarea"]) > :has(:disabled),
.st-key-order :is(input, textarea):disabled { background: var(--desk-page); }
.st-key-order [data-testid="stNumberInputContainer"]:has(:disabled) button,
.st-key-order [data-baseweb="select"]:has(:disabled) svg { display: none; }
.st-key-order :is(input, textarea):focus-visible { outline: none !important; }
.st-key-order :is([data-baseweb="input"], [data-baseweb="textarea"], [data-baseweb="select"] > div,
  [data-testid="stNumberInputContainer"]):focus-within {
  outline: 3px solid var(--desk-link); outline-offset: 1px;
}
.cardpay-cell { margin: 0; text-align: right; font-size: 16px; }
.cardpay-cell dt { font-size: 14px; line-height: 20px; color: var(--desk-muted); }
.cardpay-cell dd { margin: 0; line-height: 40px; white-space: nowrap; }
.cardpay-amount dd { font-weight: 600; }
.cardpay-wrong { margin: 0; color: var(--desk-red); font-size: 14px; line-height: 20px; }
.cardpay-wrong::before { content: "✕ "; }
.st-key-order [data-testid="stElementContainer"]:has(
  + [data-testid="stElementContainer"] .cardpay-wrong, + * .cardpay-wrong
) [data-baseweb] { border-color: var(--desk-red); }

[data-testid="stColumn"]:has(.st-key-panel) > div { position: sticky; top: 84px; }
.st-key-panel { padding: 20px 24px !important; gap: 12px; }
.st-key-panel [class*="st-key-panel-"] {
  padding: 0 !important; border: none !important; background: none; gap: 8px;
}
.st-key-panel-outlet > [data-testid="stElementContainer"] { display: none; }
.cardpay-summary header, .cardpay-line, .cardpay-total {
  display: flex; justify-content: space-between; gap: 16px; align-items: baseline;
}
.cardpay-summary header span {
  color: var(--desk-muted); font-size: 14px; overflow-wrap: anywhere;
}
.cardpay-line { margin: 12px 0; min-height: 24px; font-size: 15px; }
.cardpay-line :last-child { white-space: nowrap; }
.cardpay-total { margin: 0; padding-top: 12px; border-top: 1px solid var(--desk-line); }
.cardpay-total span { font-weight: 600; }
.cardpay-total strong {
  font-size: clamp(20px, 2.5vw, 32px); line-height: 40px; font-weight: 600; white-space: nowrap;
}
.cardpay-checks { margin: 0; font-size: 14px; line-height: 24px; }
.cardpay-checks > div {
  margin: 0; padding: 0; display: flex; justify-content: space-between; gap: 16px;
}
.cardpay-checks :is(dt, dd) { margin: 0; padding: 0; font-weight: 400; }
.cardpay-checks dt { color: var(--desk-muted); }
@media (max-width: 640px) {
  .st-key-order-who [data-testid="stColumn"], .st-key-order-more [data-testid="stColumn"],
  .st-key-order-items [data-testid="stColumn"]:first-child { min-width: 100%; }
  .st-key-order > * { padding: 16px; }
  [data-testid="stMainBlockContainer"] { padding-bottom: 144px; }
}
</style>"""
