"""The account's balance: the transactions that change it, and its payouts to the bank."""
