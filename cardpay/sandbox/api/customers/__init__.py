"""Customers, the cards that are saved with them, and the SetupIntents that save a card."""
