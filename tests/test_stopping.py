"""However a server is told to stop, and whatever hangs in it then, it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.app import CLOSE_SECONDS
from server.commands.serve import GRACE_SECONDS
from server.commands.stopping import LAST_WORDS_SECONDS, STOP_SECONDS
from server.storage.postgres.database import CONNECTION_SETTINGS
from server.transport.socket import sockets
from tests.support.patience import PATIENCE_SECONDS

PROJECT = Path(__file__).parents[1]

# A server that knows nothing but how to stop.
_PROGRAM = """
import asyncio, logging, signal, sys, threading, time
from server.commands.process_settings import loop_factory
from server.commands.stopping import Stopping
from server.logs import set_up_logs

set_up_logs("info", "console")
stopping = Stopping(float(sys.argv[1]))
stopping.listen()

def be_told_to_stop():
    signal.raise_signal(signal.SIGTERM)

async def served():
    with stopping.serving():
        await serve()

{serve}

loop_of = loop_factory()

{more}

try:
    with asyncio.Runner(loop_factory=loop_of) as runner:
        runner.run(served())
except asyncio.CancelledError:
    print("unwound")
finally:
    stopping.closed()
"""

_IN_A_PROTOCOL = """
class Told(asyncio.Protocol):
    def data_received(self, data):
        be_told_to_stop()

async def serve():
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(Told, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
    writer.write(b"x")
    await asyncio.sleep(1000)
"""

_HANGING = {
    "a task that does not hear": """
async def never_ends():
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass

async def serve():
    be_told_to_stop()
    await never_ends()
""",
    "a thread of the loop": """
def never_ends():
    time.sleep(1000)

async def serve():
    be_told_to_stop()
    await asyncio.to_thread(never_ends)
""",
    "the loop": """
def never_ends():
    time.sleep(1000)

async def serve():
    be_told_to_stop()
    never_ends()
""",
}

_A_READER_OF_THE_LOG = """
async def serve():
    logging.getLogger().handlers[0].acquire()
    be_told_to_stop()
    time.sleep(1000)
"""


# As where a name is being looked up; which name servers there are, and that none answers, is the machine's to say.
_CLOSES_FOR_LONG = """
import uvloop

class LooksUpNames(uvloop.Loop):
    def close(self):
        super().close()
        time.sleep(1000)

loop_of = LooksUpNames
"""


_TOLD_AGAIN_AT_THE_LAST = """
class Late:
    def __del__(self, tell=signal.raise_signal, number=signal.SIGTERM):
        tell(number)

late = Late()
"""


def _ran(serve: str, seconds: float, more: str = "") -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.replace("{serve}", serve).replace("{more}", more)
    return subprocess.run(
        [sys.executable, "-c", program, str(seconds)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_a_signal_is_heard_while_a_protocol_is_told_its_data() -> None:
    ran = _ran(_IN_A_PROTOCOL, 1000)
    assert (ran.returncode, ran.stdout) == (0, "unwound\n"), ran.stderr


@pytest.mark.parametrize("what", _HANGING)
def test_what_hangs_is_named_and_cut(what: str) -> None:
    ran = _ran(_HANGING[what], 0.2)
    assert ran.returncode == 1, ran.stderr
    assert "did not end in time" in ran.stderr
    assert "never_ends" in ran.stderr


def test_a_log_that_nobody_reads_holds_up_nothing() -> None:
    assert _ran(_A_READER_OF_THE_LOG, 0.2).returncode == 1


def test_a_name_that_is_looked_up_for_nobody_is_not_waited_for() -> None:
    ran = _ran("async def serve(): be_told_to_stop()", 1000, _CLOSES_FOR_LONG)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_signal_that_comes_as_python_ends_changes_nothing() -> None:
    ran = _ran("async def serve(): be_told_to_stop()", 1000, _TOLD_AGAIN_AT_THE_LAST)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_whatever_has_a_bound_ends_before_the_server_is_cut_and_that_before_the_system_kills_it() -> None:
    written = re.search(r"^TimeoutStopSec=(\d+)$", (PROJECT / "docs" / "deploy.md").read_text("utf-8"), re.MULTILINE)
    assert written is not None
    assert sockets.STOP_PATIENCE_SECONDS + sockets.LAST_WORDS_SECONDS < GRACE_SECONDS
    assert GRACE_SECONDS + CLOSE_SECONDS + CONNECTION_SETTINGS.close_timeout_seconds < STOP_SECONDS
    assert int(written[1]) > STOP_SECONDS + LAST_WORDS_SECONDS
