"""How far a command is: a bar on a terminal, lines elsewhere."""

import io

import pytest

from cardpay.commands import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar in one line that is written over, with the last words beside it."""
    stderr = _Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    with progress.progress() as show:
        show(0.25, "10 objects")
        show(0.25, "20 objects")
        show(0.5, "30 objects")
    lines = stderr.getvalue().split("\r")
    assert ["25%  10 objects" in lines[2], "25%  20 objects" in lines[3]] == [True, True]
    assert lines[4].count("#") == 2 * lines[3].count("#") > 0
    assert stderr.getvalue().count("\n") == 1


def test_progress_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line every ten seconds, whatever is told in between, without control characters."""
    seconds = iter([100.0, 100.0, 109.9, 110.0, 110.0])
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "monotonic", lambda: next(seconds))
    with progress.progress() as show:
        for number in (1, 2, 3):
            show(number / 10, f"{number} objects")
    assert stderr.getvalue() == "10% 1 objects\n30% 3 objects\n"
