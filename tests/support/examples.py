"""How many examples of its own a rule is tried with."""

import os

IS_FOR_A_RELEASE = int(os.environ.get("CARDPAY_TEST_RUNS", "1")) > 1


def examples(before_a_merge: int) -> int:
    """That number, or five times as many where a release asks for more runs of everything."""
    return before_a_merge * (5 if IS_FOR_A_RELEASE else 1)
