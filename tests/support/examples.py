"""How many examples of its own a rule is tried with."""

import os


def examples(before_a_merge: int) -> int:
    """That number, or five times as many where a release asks for more runs of everything."""
    is_for_a_release = int(os.environ.get("CARDPAY_TEST_RUNS", "1")) > 1
    return before_a_merge * (5 if is_for_a_release else 1)
