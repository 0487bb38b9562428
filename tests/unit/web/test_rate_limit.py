"""How much may come in a second."""

from cardpay.web.rate_limit import Allowance, Rate, RateByAddress


class Clock:
    """A time that stands until it is moved."""

    seconds = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.seconds


def test_an_allowance_fills_up_again_to_its_most() -> None:
    """And no further, however long nobody uses it."""
    clock = Clock()
    allowance = Allowance(Rate(at_once=2, per_second=0.5), clock)
    assert [allowance.take() for _ in range(3)] == [True, True, False]
    clock.seconds = 2
    assert [allowance.take() for _ in range(2)] == [True, False]
    clock.seconds = 1_000
    assert [allowance.take() for _ in range(3)] == [True, True, False]


def test_whoever_waits_comes_in_turn() -> None:
    """Each waits a little longer than the one before."""
    allowance = Allowance(Rate(at_once=1, per_second=4), Clock())
    assert [allowance.reserve() for _ in range(3)] == [0, 0.25, 0.5]


def test_one_address_uses_up_its_own_before_that_of_all() -> None:
    """What it is refused is not taken from the others."""
    rates = RateByAddress(Rate(2, 1), Rate(4, 1), Clock())
    assert [rates.take("192.0.2.1") for _ in range(9)] == [True] * 2 + [False] * 7
    assert [rates.take(f"192.0.2.{number}") for number in range(2, 5)] == [True, True, False]
