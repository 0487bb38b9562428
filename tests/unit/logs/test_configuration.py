"""One way for every line, ours and the libraries': with ids, and without what is secret."""

import json
import logging
import subprocess

import pytest

from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import NotAllowed, StartRefused
from cardpay.logs.configuration import Format, Level, configure
from cardpay.logs.logger import get_logger
from tests.support.processes import servers
from tests.support.secrets.log_lines import read, written

KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"

ours = get_logger("cardpay.services.taking.create_payment")
library = logging.getLogger("somebody.elses")
access = logging.getLogger("uvicorn.access")
server = logging.getLogger("uvicorn.error")


@pytest.fixture(autouse=True)
def _untouched_levels() -> None:
    """As the libraries have them once a server was set up."""
    for logger in (logging.getLogger("uvicorn"), access, server):
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


@pytest.mark.parametrize("form", ["json", "text"])
def test_nothing_secret_is_written_in_either_form(form: Format) -> None:
    """In a message, a field, an argument, an exception and what it was raised from."""
    with written(form, secrets=("a-setting-of-ours",)) as stream:
        library.error("with %s", {"password": "hidden"}, extra={"key": KEY})
        ours.info(f"with {KEY}", number=4242424242424242, told=["a-setting-of-ours"])
        try:
            try:
                int("4242 4242 4242 4242")
            except ValueError as error:
                raise KeyError(f"customer.one@example.com {KEY}") from error
        except KeyError:
            ours.exception("failed")
            library.exception("failed")
    text = stream.getvalue()
    assert text.count("Traceback") == 4
    for secret in ("hidden", KEY, "4242424242424242", "4242 4242 ", "a-setting", "customer.one"):
        assert secret not in text


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_message_forges_no_line(form: Format) -> None:
    """Neither another line nor what a terminal acts on."""
    with written(form) as stream:
        library.error("told %s", "a\n2026-12-01 fake\x1b[31m")
        ours.error("told", reference="a\n2026-12-01 fake\x1b[31m")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("name", "level", "told_from"),
    [
        ("cardpay.services.taking.create_payment", logging.DEBUG, "DEBUG"),
        ("components.frame.error_messages", logging.DEBUG, "DEBUG"),
        ("cardpay.services.taking.create_payment", logging.INFO, "INFO"),
        ("streamlit.runtime", logging.DEBUG, None),
        ("streamlit.runtime", logging.INFO, "INFO"),
        ("stripe", logging.INFO, None),
        ("stripe", logging.WARNING, "WARNING"),
        ("sqlalchemy.engine.Engine", logging.INFO, None),
        ("websockets.server", logging.INFO, None),
        ("urllib3.connectionpool", logging.DEBUG, None),
    ],
)
def test_who_may_say_how_much(name: str, level: int, told_from: Level | None) -> None:
    """Libraries' finest lines quote what travels, so they are not told at any level."""
    levels: tuple[Level, ...] = ("DEBUG", "INFO", "WARNING", "ERROR")
    told = []
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)  # as a library may set it itself
    for chosen in levels:
        with written(level=chosen) as stream:
            logger.log(level, "a line")
        told += [chosen] if stream.getvalue() else []
    logger.setLevel(before)
    assert told == (list(levels[: levels.index(told_from) + 1]) if told_from else [])


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_the_servers_lines_about_requests_are_not_told(level: Level) -> None:
    """They have an address and a query; what the server says of itself is told."""
    client, target = "192.0.2.7:1", "/_stcore/stream?name=Customer"
    with written(level=level) as stream:
        access.info('%s - "%s %s HTTP/%s" %d', client, "GET", target, "1.1", 500)
        server.info('%s - "WebSocket %s" [accepted]', client, target)
        server.info('%s - "WebSocket %s" 403', client, target)
        server.info("connection rejected (403 Forbidden)")
        server.info("connection open")
        server.info("Shutting down")
        server.error("Exception in ASGI application")
    said = [line["event"] for line in read(stream)]
    assert said == ["Shutting down", "Exception in ASGI application"]


_A_SERVERS_PROCESS = """
import logging, sys, threading, warnings
import streamlit, streamlit.logger, uvicorn
from cardpay.logs.configuration import configure
from cardpay.logs.logger import get_logger

uvicorn.Config("app:app", access_log=False)
configure(sys.argv[1], "INFO", ["a-setting-of-ours"])
streamlit.config.get_config_options(force_reparse=True)  # as when its file has changed
for name in ("uvicorn.error", "streamlit", "streamlit.runtime", "somebody.elses"):
    logging.getLogger(name).info("early a-setting-of-ours")
streamlit.logger.get_logger("streamlit.late").warning("late a-setting-of-ours")
streamlit.logger.get_logger("uvicorn.access").info("accessed by 192.0.2.7")
logging.getLogger().warning("root a-setting-of-ours")
logging.getLogger("quiet").debug("quiet")
get_logger("cardpay.test").info("ours a-setting-of-ours")
warnings.warn("warned a-setting-of-ours")

def trip():
    raise ValueError("tripped a-setting-of-ours")

thread = threading.Thread(target=trip)
thread.start()
thread.join()
trip()
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_there_is_one_way_out(form: Format) -> None:
    """Whatever handlers uvicorn and Streamlit hang on their loggers, before or afterwards."""
    done = subprocess.run(
        servers.python("-c", _A_SERVERS_PROCESS, form),
        cwd=servers.ROOT,
        env=servers.environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    for word, times in {"early": 4, "late": 1, "root": 1, "ours": 1, "warned": 1}.items():
        assert done.stderr.count(f"{word} •••") == times, done.stderr
    assert "a-setting-of-ours" not in done.stdout + done.stderr
    assert [word for word in ("192.0.2.7", "quiet") if word in done.stderr] == []
    assert (done.returncode, done.stdout) == (1, "")
    if form == "json":
        said = [json.loads(line) for line in done.stderr.splitlines()]
        assert [line["logger"] for line in said][4:] == [
            "streamlit.late",
            "root",
            "cardpay.test",
            "py.warnings",
            "cardpay",
            "cardpay",
        ]
        assert [line["event"] for line in said][-2:] == ["uncaught in a thread", "uncaught"]


def test_stripes_own_printing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to stderr past every processor, bodies and client_secrets in it."""
    monkeypatch.setenv("STRIPE_LOG", "debug")
    with pytest.raises(StartRefused) as refused:
        configure("json", "INFO")
    assert refused.value.sentence.startswith("STRIPE_LOG makes Stripe's SDK print")


def test_what_was_refused_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's traceback of it says nothing more; that of an error does."""
    streamlits = logging.getLogger("streamlit.error_util")
    for logger in (logging.getLogger("streamlit"), streamlits):
        monkeypatch.setattr(logger, "propagate", True)
    with written("json") as stream:
        for error in (NotAllowed(Permission.SEE_BOOKS), ValueError("words")):
            streamlits.error("Uncaught app execution", exc_info=error)
    (line,) = read(stream)
    assert "ValueError" in line["exception"]
