"""For how long the simulated bank holds an amount that nobody captures."""

HOLD_DAYS = 7  # Stripe docs, "Place a hold on a payment method"
