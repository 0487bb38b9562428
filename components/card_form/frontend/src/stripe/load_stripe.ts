/** Loads Stripe.js: from js.stripe.com in test and live mode, from the sandbox in demo mode. */
// `pure`: the plain entry fetches js.stripe.com on import, in demo mode too.
import { loadStripe } from "@stripe/stripe-js/pure";
import type { Stripe } from "@stripe/stripe-js";

import { withTimeout } from "./timeout";

const official = /^https:\/\/js\.stripe\.com\/v3\/?$/;
/** Long enough for a slow connection to load 1 MB. */
const timeoutMilliseconds = 20_000;

const loads = new Map<string, Promise<Stripe>>();

/** One Stripe object for each key and URL. A failed load can be retried. */
export function loadStripeOnce(publishableKey: string, url: string): Promise<Stripe> {
  const key = `${url} ${publishableKey}`;
  const known = loads.get(key);
  if (known !== undefined) {
    return known;
  }
  const load = withTimeout(timeoutMilliseconds, fetchStripe(publishableKey, url));
  loads.set(key, load);
  load.catch(() => loads.delete(key));
  return load;
}

async function fetchStripe(publishableKey: string, url: string): Promise<Stripe> {
  const isOfficial = url === "" || official.test(url);
  const standIn = document.querySelector<HTMLScriptElement>("script[data-cardpay-stripe]");
  if (standIn !== null && (isOfficial || standIn.src !== new URL(url, document.baseURI).href)) {
    // Both scripts set window.Stripe, so a real card could reach the wrong one.
    throw new Error("Another Stripe.js is loaded already; reload the page.");
  }
  if (!isOfficial && standIn === null) {
    await inject(url);
  }
  const stripe = await loadStripe(publishableKey);
  if (stripe === null) {
    throw new Error("Stripe.js is not available here.");
  }
  return stripe;
}

function inject(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.dataset["cardpayStripe"] = "";
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error("Stripe.js could not be fetched."));
    };
    document.head.append(script);
  });
}
