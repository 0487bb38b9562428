"""SQL reads for people: they return frames and frozen values, and change nothing."""
