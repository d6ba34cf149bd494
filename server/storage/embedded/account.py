"""Who PostgreSQL runs as: it refuses to run as root.

Run as root, it belongs to the owner of its data, or to a user of its own if there is no data yet. That user gets no
rights on anything else: where it may not enter, the start is refused.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.ports.results import StorageUnavailable

# Whose data folders are there already; the wheel's name for it.
OWN_USER = "pgserver"
# Enter, but not look around.
_PASSABLE = 0o711

_FIRST_CLOSED = 'for each; do test -x "$each" || { printf %s "$each"; exit 0; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    user_id: int
    group_id: int
    is_other: bool
    """Another than ours: programs have to be started as it."""

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
        """What it prints. Raises CalledProcessError."""
        ran = subprocess.run(  # noqa: S603 - only our own commands, and never by way of a shell's reading
            command,
            cwd="/",
            env=environment,
            check=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            umask=0o077,
            user=self.user_id if self.is_other else None,
            group=self.group_id if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )
        return ran.stdout

    def own(self, folder: Path) -> None:
        if self.is_other:
            os.chown(folder, self.user_id, self.group_id)

    def check_entry(self, paths: Sequence[Path]) -> None:
        """Raises StorageUnavailable if it may not enter a folder on the way to one of these."""
        if not self.is_other:
            return
        folders = dict.fromkeys(str(folder) for path in paths for folder in reversed(path.parents))
        if closed := self.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *folders]):
            raise StorageUnavailable(
                f"As root, the embedded PostgreSQL runs as the user {self.name}, who may not enter {closed}. "
                "Run Shiller as another user than root, or set DATA_DIR to a folder that every user may reach "
                "(DATA_DIR=/var/lib/shiller), or give that user the right to enter it."
            )

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.user_id).pw_name
        except KeyError:
            return str(self.user_id)


def account_for(folder: Path) -> Account:
    """Raises StorageUnavailable if there is none."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if folder.is_dir() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, is_other=True)
    entry = _own_user()
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def make_folders(folder: Path) -> None:
    """With those above it; those that root makes can be passed through by the user that PostgreSQL runs as."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for each in missing:
            each.chmod(_PASSABLE)


def _own_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(OWN_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - as above
        return pwd.getpwnam(OWN_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise StorageUnavailable(
            f"PostgreSQL does not run as root, and the user {OWN_USER} for it cannot be made ({error}). "
            "Run Shiller as another user than root."
        ) from error
