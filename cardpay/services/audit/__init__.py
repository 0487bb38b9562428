"""The audit log: recording acts, verifying the hash chain, its heads, and pruning."""
