"""The audit log for people to read."""
