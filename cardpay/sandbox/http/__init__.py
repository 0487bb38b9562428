"""From an HTTP request to a reply, as Stripe's API does it."""
