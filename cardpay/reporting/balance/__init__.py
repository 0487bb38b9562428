"""The Stripe balance: its transactions, and the payouts to the bank."""
