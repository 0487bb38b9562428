"""Processes of their own that start at once.

They are forked from a server that has imported the desk already: importing it takes most of the
time of a short process, and tests start hundreds.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.processes.servers import ROOT, environment, python
from tests.support.processes.waiting import PATIENCE_SECONDS

_LONGEST_COMMAND_SECONDS = 120.0
_IMPORTED = ["cardpay.commands.erase", "cardpay.commands.doctor", "tests.support.desks.worlds"]


@dataclass(frozen=True)
class Running:
    """A process at work, and what it says."""

    process: ForkServerProcess
    told: Connection

    def says(self) -> str:
        """Its next word."""
        assert self.told.poll(PATIENCE_SECONDS), "the process says nothing"
        return str(self.told.recv())

    def kill(self) -> None:
        """`kill -9`, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.told.close()


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def start(work: Callable[..., None], *given: object) -> Running:
    """Call `work` in a new process with what is given, and with a connection to speak into."""
    ours, theirs = _server().Pipe(duplex=False)
    process = _server().Process(target=work, args=(*given, theirs))
    process.start()
    theirs.close()
    return Running(process, ours)


def command(
    *arguments: str, settings: Mapping[str, str], folder: Path = ROOT, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """`python -m cardpay …` in `folder`, with no settings but these, and with what is typed."""
    with TemporaryDirectory() as streams:
        stdin, stdout, stderr = (Path(streams) / name for name in ("in", "out", "err"))
        stdin.write_text(typed)
        process = _server().Process(
            target=_carry_out,
            args=(arguments, environment(settings), folder, (stdin, stdout, stderr)),
        )
        process.start()
        process.join(_LONGEST_COMMAND_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        assert process.exitcode is not None
        return subprocess.CompletedProcess(
            arguments, process.exitcode, stdout.read_text(), stderr.read_text()
        )


def unprepared_command(
    *arguments: str, settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The same in a process that nothing was prepared for, as where it is used."""
    return subprocess.run(
        python("-m", "cardpay", *arguments),
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def _carry_out(
    arguments: tuple[str, ...],
    variables: dict[str, str],
    folder: Path,
    streams: tuple[Path, Path, Path],
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    opened: list[Any] = []
    for descriptor, (path, mode) in enumerate(zip(streams, "rww", strict=True)):
        with path.open(mode) as file:
            os.dup2(file.fileno(), descriptor)
        opened.append(os.fdopen(descriptor, mode, buffering=1, closefd=False))
    sys.stdin, sys.stdout, sys.stderr = opened
    from cardpay.commands.command_line import cardpay

    cardpay(arguments)
