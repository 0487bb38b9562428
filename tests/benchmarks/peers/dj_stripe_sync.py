"""dj-stripe's own import of what a list server has; it runs in dj-stripe's own environment.

`python dj_stripe_sync.py` prints how many seconds its command took, migrations left out. Its
arguments are names of models, in place of LISTS.
"""

import os
import sys
import time

from dj_stripe_project import application  # it sets Django up
from django.core.management import call_command

LISTS = ("PaymentIntent", "Charge", "Refund", "Dispute", "BalanceTransaction")

if __name__ == "__main__":
    assert application is not None
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    call_command(
        "djstripe_sync_models",
        *(sys.argv[1:] or LISTS),
        api_keys=[os.environ["PEER_SECRET_KEY"]],
        fail_on_error=True,
        stdout=sys.stderr,
    )
    sys.stdout.write(f"{time.monotonic() - began}\n")
