"""The sandbox's HTTP side: from a request to Stripe's response, and the control API for tests."""
