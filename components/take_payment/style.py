"""The looks of Take payment, beyond those of every page."""

from typing import Final

STYLE: Final = """<style>
.st-key-title-row { justify-content: space-between; align-items: center; flex-wrap: nowrap; }
.st-key-title-row > :last-child { margin-left: auto; width: auto; flex: none; }
.st-key-title-row h1 { white-space: nowrap; }
.cardpay-my-day { margin: 0; text-align: right; color: var(--desk-muted); font-size: 14px; }
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
.st-key-order-more summary {
  padding: 0 !important; background: none !important; border: none !important;
}
.st-key-order-more [data-testid="stExpanderDetails"] {
  padding: 12px 0 0 !important; border: none !important;
}
/* Nothing needs an order without a product again, and Tab goes on to the quantity. */
.st-key-order [data-testid="stSelectbox"] button[aria-label="Clear value"] { display: none; }
/* An order that can't be changed any more stays as readable as it was. */
.st-key-order :is(input, textarea):disabled,
.st-key-order label:is([disabled], :has(input:disabled)) [data-testid="stMarkdownContainer"] * {
  color: var(--desk-text) !important; -webkit-text-fill-color: var(--desk-text) !important;
  opacity: 1;
}
.st-key-order :is(input, textarea):disabled { background: transparent; }
.st-key-order textarea:disabled::placeholder, .st-key-order input:disabled::placeholder {
  -webkit-text-fill-color: transparent; color: transparent;
}
.st-key-order :is(
  [data-testid="stTextInputRootElement"], [data-testid="stTextAreaRootElement"],
  [data-testid="stNumberInputContainer"], [data-testid="stSelectbox"] [role="group"]
):has(:is(input, textarea):disabled) {
  background: var(--desk-page); border-color: var(--desk-line) !important;
}
.st-key-order :is([data-testid="stNumberInputContainer"], [data-testid="stSelectbox"]):has(
  input:disabled
) button { display: none; }
.st-key-order :is(input, textarea):focus-visible { outline: none !important; }
.st-key-order :is(
  [data-testid="stTextInputRootElement"], [data-testid="stTextAreaRootElement"],
  [data-testid="stNumberInputContainer"], [data-testid="stSelectbox"] [role="group"]
):focus-within { outline: 3px solid var(--desk-link); outline-offset: 1px; }
.cardpay-cell { margin: 0; text-align: right; font-size: 16px; }
.cardpay-cell dt {
  font-size: 14px; line-height: 20px; padding-bottom: 4px; color: var(--desk-muted);
}
.cardpay-cell dd { margin: 0; line-height: 40px; white-space: nowrap; }
.cardpay-amount dd { font-weight: 600; }
.cardpay-wrong { margin: 0; color: var(--desk-red); font-size: 14px; line-height: 20px; }
.cardpay-wrong::before { content: "✕ " / ""; }
.st-key-order [data-testid="stElementContainer"]:has(
  + [data-testid="stElementContainer"] .cardpay-wrong
) :is([data-testid="stTextInputRootElement"], [data-testid="stTextAreaRootElement"]),
.st-key-order-items:has(#wrong-product_id) [data-testid="stSelectbox"] [role="group"],
.st-key-order-items:has(#wrong-quantity) [data-testid="stNumberInputContainer"] {
  border-color: var(--desk-red); box-shadow: inset 0 0 0 1px var(--desk-red);
}
.st-key-order .cardpay-error:not(:empty)::before { content: "✕ " / ""; }
.st-key-order .cardpay-field > label { min-height: 20px; line-height: 20px; }
/* The last line of errors stands in the space below the fields. */
.st-key-order-card .cardpay-form { margin-bottom: -12px; }
.st-key-order-card:has(.cardpay-taken) .cardpay-form { margin-bottom: -24px; }
[class*="st-key-order-items-"] > :has(.cardpay-wrong) {
  margin-top: -8px;
}

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
.cardpay-total .cardpay-none { font-size: 16px; font-weight: 400; color: var(--desk-muted); }
.st-key-panel-checks { padding-top: 12px !important; }
.st-key-panel-checks:has(dl) { border-top: 1px solid var(--desk-line) !important; }
.cardpay-checks {
  margin: 4px 0 0 !important; padding: 0 !important; font-size: 14px; line-height: 24px;
}
.cardpay-checks > div {
  margin: 0; padding: 0; display: flex; justify-content: space-between; gap: 16px;
}
.cardpay-checks :is(dt, dd), .cardpay-taken :is(dt, dd) {
  margin: 0; padding: 0; font-weight: 400;
}
:is(.cardpay-checks, .cardpay-taken) dt { color: var(--desk-muted); }
.cardpay-checks dd { text-align: right; }
.cardpay-checks :is(.good, .bad) dd { font-weight: 500; }
.cardpay-checks .good dd { color: var(--desk-green); }
.cardpay-checks .bad dd { color: var(--desk-red); }
.cardpay-checks .good dd::before { content: "✓ " / ""; }
.cardpay-checks .bad dd::before { content: "✕ " / ""; }
.cardpay-taken { display: grid; grid-template-columns: 3fr 2fr; gap: 0 32px; align-items: start; }
.cardpay-taken > dl {
  margin: 0 !important; padding: 0 !important; font-size: 15px; line-height: 28px;
}
.cardpay-taken > dl:first-child { display: grid; grid-template-columns: 112px 1fr; }
.cardpay-taken dd { overflow-wrap: anywhere; }
.cardpay-taken a { color: var(--desk-link); }
/* What can be done besides: as wide as the button that finishes, one below the other. */
.st-key-panel-actions > *, :is(.st-key-panel-actions, .st-key-panel-link) :is(
  button, a, [data-testid="stButton"], [data-testid="stElementContainer"]
) {
  width: 100% !important;
}
.st-key-panel-link p[role=status] {
  margin: 0; padding: 16px; border-radius: 6px; color: var(--desk-blue);
  background: var(--desk-blue-tint);
}
.st-key-panel-link p[role=status] strong { display: block; font-size: 20px; line-height: 28px; }
.st-key-panel-link p[role=status] span { display: none; }
.st-key-panel:has(.st-key-panel-link p[role=status]) .cardpay-bar { display: none; }
.st-key-panel [data-testid="stHorizontalBlock"] > * { flex: 1 1 0; }
/* Two columns down to a phone's width, the fields of the left one below each other. */
@media (max-width: 1000px) {
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-panel) {
    flex-wrap: nowrap; gap: 16px;
  }
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:is(
    :has(.st-key-order), :has(.st-key-panel)
  ) { min-width: 0; flex-basis: 0; }
  .st-key-order > * { padding: 16px; }
  .st-key-panel { padding: 16px !important; }
  .st-key-order-who [data-testid="stColumn"], .st-key-order-more [data-testid="stColumn"],
  .st-key-order-items [data-testid="stColumn"]:first-child { min-width: 100%; }
  .st-key-order-items [data-testid="stColumn"]:has(.cardpay-price) { display: none; }
  .cardpay-taken { grid-template-columns: 1fr; gap: 12px; }
}
@media (max-width: 640px) {
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-panel) {
    flex-wrap: wrap;
  }
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:is(
    :has(.st-key-order), :has(.st-key-panel)
  ) { min-width: 100%; }
  /* What came of the card is what one looks for. */
  [data-testid="stColumn"]:has(
    .st-key-panel .cardpay-outcome, .st-key-panel-link p[role=status]
  ) { order: -1; }
  [data-testid="stColumn"]:has(.st-key-panel) > div { position: static; }
  .st-key-title-row > :last-child { flex: 0 1 auto; }
  /* Above the bar with the button, since one presses it wherever the page is scrolled to. */
  .st-key-panel-warning:has([data-testid="stAlert"]) {
    position: fixed; inset: auto 0 108px; z-index: 998; padding: 0 8px !important;
  }
  .st-key-panel-warning [data-testid="stAlertContainer"] {
    background: var(--desk-orange-tint); border: 1px solid var(--desk-orange);
  }
  [data-testid="stMainBlockContainer"] { padding-bottom: 144px; }
}
</style>"""
