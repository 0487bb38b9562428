"""What is stored about Stripe's objects: read for many at once, and written for many at once."""
