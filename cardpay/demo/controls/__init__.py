"""What a visitor of the demo can make the simulated Stripe do."""
