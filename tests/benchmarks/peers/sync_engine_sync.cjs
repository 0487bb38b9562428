// @supabase/stripe-sync-engine's own import of what a server lists; its arguments are kinds of objects.
//
// NODE_PATH names the installation. The engine has no setting for the address of the API: its
// client is another of the same kind, with the same version, that knows the address.

const Stripe = require("stripe");
const { StripeSync, runMigrations } = require("@supabase/stripe-sync-engine");

const databaseUrl = process.env.PEER_DATABASE_URL;
const base = new URL(process.env.PEER_API_BASE);
const sync = new StripeSync({
  poolConfig: { connectionString: databaseUrl },
  stripeSecretKey: process.env.PEER_SECRET_KEY,
  stripeWebhookSecret: process.env.PEER_WEBHOOK_SECRET,
});
sync.stripe = new Stripe(process.env.PEER_SECRET_KEY, {
  host: base.hostname,
  port: base.port,
  protocol: base.protocol.replace(":", ""),
});

async function main() {
  await runMigrations({ databaseUrl, schema: "stripe", logger: console });
  for (const object of process.argv.slice(2)) await sync.syncBackfill({ object });
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
