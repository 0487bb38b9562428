"""Ending what does not end by itself: recovery, escalation, review and expiry."""
