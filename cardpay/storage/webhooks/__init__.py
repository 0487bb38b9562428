"""Queries of events: stored once, claimed by one worker."""
