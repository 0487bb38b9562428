"""Payment links: a hosted page of Stripe's on which a customer pays one order."""
