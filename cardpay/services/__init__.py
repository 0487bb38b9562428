"""The use cases. Each takes the desk it works at and the actor who asks."""
