// npm `stripe`: all that the lists have, and then a payment with its refund, printed as JSON.
//
// NODE_PATH names the installation.

const Stripe = require("stripe");

const base = new URL(process.env.PEER_API_BASE);
const stripe = new Stripe(process.env.PEER_SECRET_KEY, {
  host: base.hostname,
  port: base.port,
  protocol: base.protocol.replace(":", ""),
});

const LISTS = {
  charges: stripe.charges,
  payment_intents: stripe.paymentIntents,
  refunds: stripe.refunds,
  disputes: stripe.disputes,
  balance_transactions: stripe.balanceTransactions,
  payouts: stripe.payouts,
  customers: stripe.customers,
  setup_intents: stripe.setupIntents,
  "checkout.sessions": stripe.checkout.sessions,
  products: stripe.products,
  "radar.early_fraud_warnings": stripe.radar.earlyFraudWarnings,
  events: stripe.events,
};

async function main() {
  const lists = {};
  for (const [name, resource] of Object.entries(LISTS)) {
    lists[name] = [];
    for await (const one of resource.list({ limit: 2 })) lists[name].push(one);
  }
  const paid = await stripe.paymentIntents.create({
    amount: 1500,
    currency: "eur",
    allowed_payment_method_types: ["card"],
    payment_method: "pm_card_mastercard",
    confirm: true,
    expand: ["latest_charge.balance_transaction"],
  });
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
  process.stdout.write(JSON.stringify({ paid, refund, lists }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
