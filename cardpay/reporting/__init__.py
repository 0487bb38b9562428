"""What people look at: SQL reads that give frames and frozen values, and change nothing."""
