"""Money after its charge: refunds, disputes and fees agree with Stripe's."""

from collections.abc import Iterator

from tests.faults.both_sides import BothSides

ALL = ()
