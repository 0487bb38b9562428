"""PyPI `stripe`: what its lists iterate over."""

from typing import Any

import pytest

from tests.contract.api import Api
from tests.contract.clients import accounts


@pytest.mark.parametrize("name", accounts.LISTS)
def test_it_reads_all_that_there_is(account: Api, name: str) -> None:
    """Page by page, forwards, each object once and whole."""
    service: Any = getattr(account.client.v1, name)

    found = [one.to_dict() for one in service.list({"limit": 2}).auto_paging_iter()]

    assert found == accounts.listed(account, name)
    assert found
