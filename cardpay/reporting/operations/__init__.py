"""How the desk itself is doing: open operations, webhooks, history, limits."""
