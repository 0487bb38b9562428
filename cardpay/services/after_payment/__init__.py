"""What follows a payment: captures and refunds."""
