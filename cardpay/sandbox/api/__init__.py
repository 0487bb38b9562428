"""The endpoints of Stripe's resources, one resource a file. `http/routing.py` has the table."""
