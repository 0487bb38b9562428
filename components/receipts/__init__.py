"""A payment's receipt: print it, download it, have Stripe send it."""
