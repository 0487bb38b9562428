"""Stripe, behind one door: the only code that imports its SDK. It returns domain snapshots."""
