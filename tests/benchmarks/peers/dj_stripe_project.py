"""The smallest Django project around dj-stripe; it runs in dj-stripe's own environment.

`python dj_stripe_project.py` migrates and stores the endpoint; gunicorn serves `application`.
The handlers ask the API for the object of each event: that is how dj-stripe works.
"""

import os
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from psycopg.conninfo import conninfo_to_dict

_database = conninfo_to_dict(os.environ["PEER_DATABASE_URL"])

settings.configure(
    SECRET_KEY="of-no-importance-here",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "djstripe"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # for Content-Length
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    APPEND_SLASH=False,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _database["dbname"],
            "USER": _database["user"],
            "HOST": _database["host"],
            "CONN_MAX_AGE": None,  # connections are kept, as in all the contenders
        }
    },
    LOGGING_CONFIG=None,
    STRIPE_API_HOST=os.environ["PEER_API_BASE"],
    STRIPE_API_VERSION=os.environ["PEER_API_VERSION"],
    STRIPE_TEST_SECRET_KEY=os.environ["PEER_SECRET_KEY"],
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
)


application = get_wsgi_application()  # dj-stripe can only be imported after it


def up(_request: HttpRequest) -> HttpResponse:
    """The server listens."""
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("", up), path("stripe/", include("djstripe.urls", namespace="djstripe"))]

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    from djstripe.models import WebhookEndpoint

    WebhookEndpoint.objects.create(
        id="we_benchmark",
        livemode=False,
        enabled_events=["*"],
        secret=os.environ["PEER_WEBHOOK_SECRET"],
        url="http://127.0.0.1/",
        status="enabled",
        djstripe_uuid=sys.argv[1],
    )
