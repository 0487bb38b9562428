"""The sandbox's state: its database, its clock and its account."""
