"""One run of the backfill benchmark, in a process of its own: its JSON goes to stdout.

python -m tests.benchmarks.backfill.job download URL INTENTS
python -m tests.benchmarks.backfill.job backfill URL DATABASE
"""

import http.client
import json
import queue
import resource
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.history.stripe_read_limits import REQUESTS_PER_SECOND
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.pagination import PAGE_SIZE
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.run_import import PARALLEL
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from tests.benchmarks.backfill.list_server import FIRST_AT, KINDS, SECONDS_BETWEEN
from tests.benchmarks.backfill.past_objects import ACCOUNT
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes.servers import SECRET_KEY

# Stretches a list, so that the threads of the download end at about the same time.
_STRETCHES = 2 * PARALLEL


def download(url: str, intents: str) -> int:
    """Fetch every page of every list and read its JSON; how many requests that took."""
    end = FIRST_AT + int(intents) * SECONDS_BETWEEN
    edges = [
        FIRST_AT + (end - FIRST_AT) * number // _STRETCHES for number in range(_STRETCHES + 1)
    ]
    work: queue.SimpleQueue[tuple[str, int, int]] = queue.SimpleQueue()
    for name in KINDS:
        for first, last in pairwise(edges):
            work.put((name, first, last - 1))
    requests: list[int] = []

    def fetch() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        made = 0
        while True:
            try:
                name, first, last = work.get_nowait()
            except queue.Empty:
                requests.append(made)
                return
            more, after = True, ""
            while more:
                bounds = f"created%5Bgte%5D={first}&created%5Blte%5D={last}"
                connection.request("GET", f"/v1/{name}?limit={PAGE_SIZE}&{bounds}{after}")
                page = json.loads(connection.getresponse().read())
                made += 1
                more = page["has_more"]
                after = f"&starting_after={page['data'][-1]['id']}" if more else ""

    _in_threads(fetch)
    return sum(requests)


def _in_threads(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def import_all(url: str, database: str, minutes: str = "0") -> int:
    """The backfill at the live rate, with a clock so far ahead; how many requests it took."""
    engine = connect(database)
    migrate.upgrade(engine)
    desk = Desk(
        Store(engine, AUDIT_KEYS),
        StripeGateway(SECRET_KEY, api_base=url),
        StripeAccount(Mode.TEST, str(ACCOUNT["id"]), livemode=False),
        moto=False,
        now=lambda: datetime.now(UTC) + timedelta(minutes=int(minutes)),
        read_budget=0,
    )
    done = import_history(desk, SYSTEM, requests_per_second=REQUESTS_PER_SECOND[Mode.LIVE])
    desk.store.close()
    return done.reads


def main(job: str, url: str, argument: str, *more: str) -> None:
    """Carry out one and print what it took."""
    began, began_cpu = time.monotonic(), time.process_time()
    work: Callable[..., int] = download if job == "download" else import_all
    requests = work(url, argument, *more)
    took = {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - began_cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "requests": requests,
    }
    sys.stdout.write(json.dumps(took))


if __name__ == "__main__":
    main(*sys.argv[1:])
