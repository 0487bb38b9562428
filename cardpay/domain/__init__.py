"""Pure values and rules: money, a payment and its statuses, what Stripe states, permissions."""
