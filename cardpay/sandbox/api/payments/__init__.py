"""Payments by card: PaymentIntents, their PaymentMethods, Charges and Refunds, and 3-D Secure."""
