"""The screen on which a payment is taken."""
