"""What Stripe states about its objects, as frozen values, and which statement is newer."""
