"""The only code that imports Stripe's SDK. It returns frozen domain snapshots."""
