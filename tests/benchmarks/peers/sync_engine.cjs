// @supabase/stripe-sync-engine behind the least server that Node can be: one POST, one answer.
//
// NODE_PATH names the installation. Its own migrations make its own schema. Its defaults need
// no call to the API: related entities are not fetched, lists not expanded, objects not
// retrieved again. Its pool keeps the default of ten connections. With PEER_API_BASE it retrieves
// the object of each event there, since the older of two events of one second may come last.

const http = require("node:http");
const Stripe = require("stripe");
const { StripeSync, runMigrations } = require("@supabase/stripe-sync-engine");

const databaseUrl = process.env.PEER_DATABASE_URL;
const sync = new StripeSync({
  poolConfig: { connectionString: databaseUrl },
  stripeSecretKey: process.env.PEER_SECRET_KEY,
  stripeWebhookSecret: process.env.PEER_WEBHOOK_SECRET,
  revalidateObjectsViaStripeApi: process.env.PEER_API_BASE
    ? [
        ...["charge", "payment_intent", "refund", "dispute", "customer", "setup_intent"],
        "radar.early_fraud_warning",
      ]
    : [],
});
if (process.env.PEER_API_BASE) {
  const { hostname, port, protocol } = new URL(process.env.PEER_API_BASE);
  sync.stripe = new Stripe(process.env.PEER_SECRET_KEY, {
    host: hostname,
    port,
    protocol: protocol.replace(":", ""),
  });
}

function answer(response, status, text) {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    if (request.method !== "POST") {
      answer(response, 200, "{}");
      return;
    }
    sync.processWebhook(Buffer.concat(parts), request.headers["stripe-signature"]).then(
      () => answer(response, 200, ""),
      (error) => answer(response, 500, String(error)),
    );
  });
});

// Without a logger a migration that fails says nothing.
runMigrations({ databaseUrl, schema: "stripe", logger: console }).then(() => {
  server.listen(Number(process.env.PEER_PORT), "127.0.0.1");
});
