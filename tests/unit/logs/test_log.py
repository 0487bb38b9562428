"""One way for every line, ours and the libraries': with ids, and without what is secret."""

import json
import logging

import pytest

from cardpay.domain.errors import StartRefused
from cardpay.gateway.errors import StripeUnavailable
from cardpay.logs import log
from cardpay.logs.log import Format, Level
from tests.support.secrets.log_lines import read, written

PAYMENT = "11111111-1111-4111-8111-111111111111"
KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"

ours = log.get_logger("cardpay.services.taking.checkout")
library = logging.getLogger("somebody.elses")
access = logging.getLogger("uvicorn.access")
server = logging.getLogger("uvicorn.error")


@pytest.fixture(autouse=True)
def _untouched_levels() -> None:
    """As the libraries have them once a server was set up."""
    for logger in (logging.getLogger("uvicorn"), access, server):
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def test_bound_ids_stand_on_every_line() -> None:
    """Also on those of a library that is called meanwhile, and no longer afterwards."""
    with written() as stream:
        with log.bound(payment_id=PAYMENT):
            ours.info("done by Stripe", stripe_request_id="req_1")
            library.warning("slow %s", "thing")
        ours.info("another")
    first, second, third = read(stream)
    assert first["stripe_request_id"] == "req_1"
    assert (first["logger"], first["level"]) == ("cardpay.services.taking.checkout", "info")
    assert second["event"] == "slow thing"
    assert first["payment_id"] == second["payment_id"] == PAYMENT
    assert first["timestamp"].endswith("Z")
    assert "payment_id" not in third


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


@pytest.mark.parametrize(
    ("name", "level", "told_from"),
    [
        ("cardpay.services.taking.checkout", logging.DEBUG, "DEBUG"),
        ("components.frame.failures", logging.DEBUG, "DEBUG"),
        ("cardpay.services.taking.checkout", logging.INFO, "INFO"),
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


@pytest.mark.parametrize(
    ("method", "target", "status", "path"),
    [
        ("GET", "/payments?search=Customer%20One", 200, "/payments?…"),
        ("GET", "/payments?Customer%20One", 200, "/payments?…"),
        ("GET", f"/?payment={PAYMENT}&name=x", 200, f"/?payment={PAYMENT}"),
        ("POST", "/webhooks/stripe", 400, "/webhooks/stripe"),
        ("GET", "/readyz", 503, "/readyz"),
        ("POST", "/webhooks/stripe", 200, None),
        ("GET", "/healthz?x=1", 200, None),
    ],
)
def test_requests_are_logged_without_who_and_what(
    method: str, target: str, status: int, path: str | None
) -> None:
    """No address, no query; what comes by the thousand is told at DEBUG unless it failed."""
    levels: tuple[Level, ...] = ("INFO", "DEBUG")
    for level in levels:
        with written(level=level) as stream:
            access.info('%s - "%s %s HTTP/%s" %d', "192.0.2.7:1", method, target, "1.1", status)
        if path is None and level == "INFO":
            assert stream.getvalue() == ""
        elif path is not None:
            (line,) = read(stream)
            assert (line["event"], line["method"], line["path"]) == ("request", method, path)
            assert line["status"] == status
        else:
            assert read(stream)
        assert "192.0.2.7" not in stream.getvalue()


def test_websockets_are_logged_without_who_and_what() -> None:
    """One that is refused always; an ordinary one at DEBUG."""
    for told in ('%s - "WebSocket %s" [accepted]', '%s - "WebSocket %s" 403'):
        with written(level="DEBUG") as stream:
            server.info(told, "192.0.2.7:1", "/_stcore/stream?name=Customer")
        (line,) = read(stream)
        assert line["path"] == "/_stcore/stream?…"
        assert "192.0.2.7" not in json.dumps(line)
    with written() as stream:
        server.info('%s - "WebSocket %s" [accepted]', "192.0.2.7:1", "/_stcore/stream")
        server.info("connection open")
        server.info('%s - "WebSocket %s" %d', "192.0.2.7:1", "/_stcore/stream", 403)
    assert [line["event"] for line in read(stream)] == ["websocket refused"]


def test_a_failure_is_told_by_type_and_place() -> None:
    """And by Stripe's request id; its own words may be a customer's."""

    def trips() -> None:
        raise StripeUnavailable("Customer One", "req_1")

    with pytest.raises(StripeUnavailable) as tripped:
        trips()
    told = log.failure(tripped.value)
    assert told["error"] == "StripeUnavailable"
    assert told["place"].startswith("trips:")
    assert told["stripe_request_id"] == "req_1"
    assert "Customer" not in str(told)


def test_stripes_own_printing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to stderr past every processor, bodies and client_secrets in it."""
    monkeypatch.setenv("STRIPE_LOG", "debug")
    with pytest.raises(StartRefused) as refused:
        log.configure("json", "INFO")
    assert refused.value.sentence.startswith("STRIPE_LOG makes Stripe's SDK print")
