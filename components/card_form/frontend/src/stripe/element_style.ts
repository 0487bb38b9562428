/** Streamlit's theme, as a style for Stripe's Elements. */
import type { StripeElementStyle } from "@stripe/stripe-js";

/** Elements are iframes and cannot read the page's style sheet, so the style is passed to them. */
export function elementStyle(host: HTMLElement): StripeElementStyle {
  const theme = getComputedStyle(host);
  const read = (name: string, fallback: string): string =>
    theme.getPropertyValue(`--st-${name}`).trim() || fallback;
  return {
    base: {
      color: read("text-color", "#31333f"),
      fontFamily: read("font", "sans-serif"),
      fontSize: `${Number.parseFloat(read("base-font-size", "16px")) || 16}px`,
      lineHeight: "1.4",
      iconColor: read("gray-color", "#6d7178"),
      "::placeholder": { color: read("gray-color", "#6d7178") },
    },
    invalid: {
      color: read("red-color", "#bd4043"),
      iconColor: read("red-color", "#bd4043"),
    },
  };
}
