"""`python -m vein2vein.cli.serving HOST PORT`: the web server of `run`.

The application is imported once and then forked: each of the workers importing it alone took half of a warm start.
"""

import importlib
import sys

from django.conf import settings
from granian.constants import Interfaces
from granian.server import Server

APPLICATION = "vein2vein.settings.wsgi"


def main(host: str, port: int) -> None:
    """Serve until SIGTERM: two processes with four threads each."""
    importlib.import_module(APPLICATION)
    importlib.import_module(settings.ROOT_URLCONF)
    Server(
        f"{APPLICATION}:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=5,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
