"""`python -m vein2vein.driver.at_wall_speed`: the process in which the demonstration site goes on."""

import os
import time
from datetime import UTC, datetime

import django

START_AFTER_SECONDS = 20.0
"""People's pages come first: nothing here is in a hurry."""
NICENESS = 10
VISITED = "demonstration-streams.json"
"""How far each course's stream is known, in the state folder."""


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {line}", flush=True)


def main() -> None:
    """Go on until the process is ended: each act is whole, and the next start goes on behind it."""
    os.nice(NICENESS)
    time.sleep(START_AFTER_SECONDS)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vein2vein.settings")
    django.setup()
    from vein2vein.driver.going_on import POLL_SECONDS, Continued
    from vein2vein.driver.watching import Seen
    from vein2vein.settings import databases

    site = Continued(Seen(databases.state_folder() / VISITED), _say)
    _say(f"{site.begin()} courses go on")
    while True:
        time.sleep(min(POLL_SECONDS, max(0.2, site.step())))


if __name__ == "__main__":
    main()
