"""A hall's day at the central server: `python -m bench.hall_day`.

How fast it arrives, against COPY of the same events into the same table; and what the central's own pushes feel of
twenty halls that send at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from bench.database import Postgres, running_postgres
from bench.hall_day.arriving import measure_arrival
from bench.hall_day.sending import measure_pushes_beside, send_all
from bench.servers import SHILLER, running


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.hall_day", description=__doc__)
    asked.add_argument("--sessions", type=int, default=50)
    asked.add_argument("--events", type=int, default=2000, help="of each session")
    asked.add_argument("--seconds", type=float, default=8.0, help="of each load of the central's own pushes")
    asked.add_argument("--as-senders", action="store_true", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.as_senders:
        # A hall is a machine of its own, and takes none of the central's processor.
        os.nice(19)
        asyncio.run(send_all(json.load(sys.stdin)))
        return
    with tempfile.TemporaryDirectory(prefix="shiller-hall-day-") as place:
        folder = Path(place)
        with running_postgres(folder) as postgres:
            asyncio.run(_measure(options, postgres, folder))


async def _measure(options: argparse.Namespace, postgres: Postgres, folder: Path) -> None:
    async with running(SHILLER, postgres, folder) as central:
        await measure_arrival(options.sessions, options.events, postgres, folder, central)
    async with running(SHILLER, postgres, folder) as central:
        await measure_pushes_beside(options.seconds, central)


if __name__ == "__main__":
    main()
