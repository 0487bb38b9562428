"""An exception's own words reach no line of the log, whoever logs it and how."""

import asyncio
import io
import logging
import sys

import pytest

from cardpay.logs import configuration
from cardpay.logs.configuration import Format
from cardpay.logs.logger import bound, get_logger
from tests.support.processes.asyncio_in_thread import run
from tests.support.secrets.log_lines import read, written

# No pattern knows what this is.
TYPED = "Jane Doe of Elm Street, order Zebra-7"
PARTS = ("Jane", "Elm", "Zebra")

ours = get_logger("cardpay.services.anything")
library = logging.getLogger("somebody.elses")


def trip() -> None:
    """Two exceptions, one of which a third was raised from."""
    try:
        int(TYPED)
    except ValueError as error:
        error.add_note(f"noted {TYPED}")
        raise LookupError(f"while {TYPED!r}", {"typed": TYPED}) from error


@pytest.mark.parametrize("form", ["json", "text"])
def test_only_kind_and_place_are_told(form: Format) -> None:
    """With `exc_info`, as an argument, in the message, as a field; from us and from a library."""
    with written(form) as stream:
        try:
            trip()
        except LookupError as error:
            library.exception("failed")
            library.error("failed: %s", error)
            library.error(f"failed: {error}")
            library.error("failed: %(why)s", {"why": error})
            library.error("failed", exc_info=ExceptionGroup(TYPED, [error, KeyError(TYPED)]))
            library.error(f"failed: {error.args[0]}")
            ours.exception("failed")
            ours.error("failed", why=error, words=str(error))
    text = stream.getvalue()
    assert [word for word in PARTS if word in text] == []
    assert text.count("failed") >= 8
    assert "in trip" in text
    assert "ValueError" in text
    assert "LookupError" in text


def test_what_nobody_awaited_and_what_nobody_could_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """asyncio quotes tasks with their exceptions, and Python prints what it ignores."""
    monkeypatch.setattr(sys, "unraisablehook", configuration._ignored)

    async def unawaited() -> None:
        loop = asyncio.get_running_loop()
        context = {"message": "Task exception was never retrieved", "task": TYPED}
        loop.call_exception_handler({**context, "exception": ValueError(TYPED)})

    with written() as stream:
        run(unawaited())
        gone = type("Gone", (), {"__del__": lambda _self: trip()})()
        del gone
    said = stream.getvalue()
    assert [word for word in PARTS if word in said] == []
    assert "Task exception was never retrieved" in said
    assert "uncaught where nobody can" in said


def test_short_words_leave_other_lines_as_they_are() -> None:
    """A line that is logged while an error is handled is no riddle."""
    with written() as stream:
        try:
            dict[str, str]()["event"]
        except KeyError:
            library.error("event not stored")
    assert [line["event"] for line in read(stream)] == ["event not stored"]


def test_a_line_that_cannot_be_written_is_not_printed_either(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Python would print it with its arguments, past everything."""
    stream = io.StringIO()
    handler = configuration.make_handler(stream, "json", "INFO")
    with bound(request_id="0123abcd"):
        for words, argument in (("paid %d", TYPED), ("paid %s", "in full")):
            line = logging.LogRecord("somebody", logging.ERROR, "", 1, words, (argument,), None)
            handler.handle(line)
    assert "Jane" not in stream.getvalue() + "".join(capsys.readouterr())
    assert [one["request_id"] for one in read(stream)] == ["0123abcd"] * 2
    assert [one["event"] for one in read(stream)] == [
        "a line could not be written",
        "paid in full",
    ]
