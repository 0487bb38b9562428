"""Signing in and out by the desk's own routes, their cookies, and links that survive it."""
