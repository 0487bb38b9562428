"""PyPI `stripe`: what its lists iterate over."""

from operator import attrgetter
from typing import Any

from tests.contract.api import Api
from tests.contract.clients import accounts


def test_it_reads_all_that_there_is(account: Api) -> None:
    """Page by page, forwards, each object once and whole."""
    for name in accounts.LISTS:
        service: Any = attrgetter(name)(account.client.v1)

        found = [one.to_dict() for one in service.list({"limit": 2}).auto_paging_iter()]

        assert found == accounts.listed(account, name), name
        assert found, name
