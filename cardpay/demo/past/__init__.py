"""Playing the plan at the simulated Stripe, and keeping the desk's books of it."""
