"""Attempts: every card that was tried."""
