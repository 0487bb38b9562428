"""What follows a payment: captures, refunds and notes."""
