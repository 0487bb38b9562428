"""Import of an account's history, reconciliation, and what reading from Stripe costs."""
