"""What was exported of months that are over."""
