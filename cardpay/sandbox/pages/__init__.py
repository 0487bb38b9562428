"""The pages that Stripe hosts: Checkout, 3-D Secure by redirect, and receipts."""
