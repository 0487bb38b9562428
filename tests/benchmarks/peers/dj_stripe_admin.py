"""dj-stripe's own admin list over so many PaymentIntents, in dj-stripe's own environment.

`python dj_stripe_admin.py PAYMENTS.csv SEARCH FIRST_DAY LAST_DAY REPEATS` fills an SQLite file
with the ids, times and amounts of the CSV file and prints, as JSON, how many milliseconds the
list's page takes: all, the search, the days. The list is asked for its rows; none is drawn.
"""

import csv
import json
import sys
import time
from datetime import datetime
from os import environ
from pathlib import Path
from statistics import median

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    SECRET_KEY="of-no-importance-here",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "djstripe",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": environ["PEER_DATABASE"]}
    },
    LOGGING_CONFIG=None,
    STRIPE_TEST_SECRET_KEY="sk_test_of_no_importance",
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
)
django.setup()

from django.contrib import admin  # noqa: E402 - Django has to be set up first
from django.contrib.auth.models import User  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from djstripe.models import PaymentIntent  # noqa: E402

_PART = 5_000


def main() -> None:
    """Fill, and measure."""
    file, search, first, last, repeats = sys.argv[1:]
    call_command("migrate", verbosity=0)
    with Path(file).open(encoding="utf-8", newline="") as rows:
        PaymentIntent.objects.bulk_create(map(_intent, csv.DictReader(rows)), batch_size=_PART)
    days = {"created__gte": f"{first} 00:00:00+00:00", "created__lt": f"{last} 00:00:00+00:00"}
    found = {
        "first page": _median({}, int(repeats)),
        "search": _median({"q": search}, int(repeats)),
        "filter": _median(days, int(repeats)),
    }
    sys.stdout.write(json.dumps(found))


def _intent(row: dict[str, str]) -> PaymentIntent:
    data = {"id": row["id"], "amount": int(row["amount"]), "currency": row["currency"]}
    created = datetime.fromisoformat(row["created"])
    return PaymentIntent(id=row["id"], livemode=False, created=created, stripe_data=data)


def _median(query: dict[str, str], repeats: int) -> float:
    page = admin.site.get_model_admin(PaymentIntent)
    request = RequestFactory().get("/admin/djstripe/paymentintent/", query)
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        assert len(page.get_changelist_instance(request).result_list) > 0
        times.append(1_000 * (time.perf_counter() - began))
    return median(times)


if __name__ == "__main__":
    main()
