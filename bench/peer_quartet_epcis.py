"""quartet-epcis as a site of its own: its business parser behind one POST, a transaction for each message.

Runs in the peer's own environment (`.local/peers/quartet-epcis`), on the same cluster. The capture queue that its
authors put before the parser is left out: it would only add to what a call costs.
"""

from __future__ import annotations

import io
import os
import uuid
from typing import Any

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=uuid.uuid4().hex,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="bench.peer_quartet_epcis",
    INSTALLED_APPS=["django.contrib.contenttypes", "quartet_epcis"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    MIGRATION_MODULES={"quartet_epcis": None},  # they ask for its queue; the tables come from its models instead
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PEER_DATABASE"],
            "USER": os.environ["PEER_USER"],
            "HOST": os.environ["PEER_HOST"],
            "PORT": os.environ["PEER_PORT"],
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - needs the settings
from django.http import HttpRequest, HttpResponse  # noqa: E402 - needs the settings
from django.urls import path  # noqa: E402 - needs the settings
from quartet_epcis.parsing.business_parser import BusinessEPCISParser  # noqa: E402 - needs the settings


def capture(request: HttpRequest) -> HttpResponse:
    """Capture one EPCIS 1.2 document; it is durable when this answers."""
    BusinessEPCISParser(io.BytesIO(request.body)).parse()
    return HttpResponse(status=201)


urlpatterns: list[Any] = [path("capture", capture)]


def serve() -> None:
    """Create the tables, and serve as vein2vein's own server does: two processes with four threads each."""
    from django.core.management import call_command
    from django.db import connections
    from granian.constants import Interfaces
    from granian.server import Server

    call_command("migrate", run_syncdb=True, verbosity=0)
    connections.close_all()
    port = int(os.environ["PEER_LISTEN"])
    Server(
        "bench.peer_quartet_epcis:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        websockets=False,
    ).serve()


application = get_wsgi_application()
