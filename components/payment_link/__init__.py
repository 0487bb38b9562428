"""A payment link on screen: sent, shown with its state, closed."""
