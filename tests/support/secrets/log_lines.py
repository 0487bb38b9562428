"""What was logged, as data."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cardpay.logs.configuration import Format, Level, make_handler


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The desk's own lines with their fields, as they were before anything was blotted out."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


@contextmanager
def written(
    form: Format = "json", level: Level = "INFO", secrets: tuple[str, ...] = ()
) -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, by whomever, as a process of the desk writes it."""
    stream = io.StringIO()
    handler = make_handler(stream, form, level, secrets)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield stream
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines of JSON in it."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]
