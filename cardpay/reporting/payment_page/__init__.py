"""One payment's own page: its money, refunds, card, and the customer's other payments."""
