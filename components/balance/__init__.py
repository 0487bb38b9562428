"""Balance and payouts: the equation, payouts with what is in each, the ledger, bank lines."""
