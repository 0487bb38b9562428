"""Ending what did not end by itself: recovery, escalation to review, and expiry of the unpaid."""
