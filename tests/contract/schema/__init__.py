"""What the fields of Stripe's objects may hold, as JSON Schema, and the check of every answer.

`objects.json` is made by `generate.cjs` from the types of npm `stripe`, which are generated from
the description of the API itself. A release makes it again and compares (`test_generated.py`).
"""
