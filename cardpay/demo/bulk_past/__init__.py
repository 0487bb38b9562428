"""A past of any size, written straight into the books: the simulated Stripe plays a few a second.

It is the same plan as the demo's, and what became of an order follows from the domain's rules.
"""
