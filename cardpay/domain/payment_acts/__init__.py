"""Refund, capture, cancel, note: what each needs, in one rule for the use case and the screen."""
