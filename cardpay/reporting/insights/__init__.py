"""What the business did in a range of days: totals, rates, what they are made of; and a report."""
