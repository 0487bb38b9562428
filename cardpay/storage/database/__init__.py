"""Engine, transactions, migrations, leases, and rows in bulk."""
