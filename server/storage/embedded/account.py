"""Who PostgreSQL runs as: it refuses to run as root.

Run as root, it belongs to the owner of its data, or to a user of its own if there is no data yet. That user gets no
rights on anything else: where it may not enter, the start is refused.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.ports.results import StorageUnavailable

# Whose data folders are there already; the wheel's name for it.
OWN_USER = "pgserver"
_MAKES_USERS = "useradd"
_NOBODY = 65534
# Enter, but not look around.
_PASSABLE = 0o711

_FIRST_CLOSED = 'for each; do test -x "$each" || { printf %s "$each"; exit 0; }; done'


@dataclass(frozen=True, slots=True)
class Account:
    user_id: int
    group_id: int
    is_other: bool
    """Another than ours: programs have to be started as it."""
    future_name: str | None = None
    """Of a user that is not there yet, for whom somebody else stands."""

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
        """Raises StorageUnavailable if it may not enter a folder that is there on the way to one of these."""
        if not self.is_other:
            return
        on_the_way = (folder for path in paths for folder in reversed(path.parents))
        folders = dict.fromkeys(str(folder) for folder in on_the_way if folder.exists())
        if closed := self.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *folders]):
            raise StorageUnavailable(
                f"As root, the embedded PostgreSQL runs as the user {self.name}, who may not enter {closed}. "
                "Run Shiller as another user than root, or set DATA_DIR to a folder that every user may reach "
                "(DATA_DIR=/var/lib/shiller), or give that user the right to enter it."
            )

    @property
    def name(self) -> str:
        if self.future_name is not None:
            return self.future_name
        try:
            return pwd.getpwuid(self.user_id).pw_name
        except KeyError:
            return str(self.user_id)


def account_for(folder: Path) -> Account:
    """Raises StorageUnavailable if there is none."""
    if (account := _account_there(folder)) is not None:
        return account
    entry = _own_user()
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def account_to_be(folder: Path) -> Account:
    """As `account_for`, and no user is made: nobody, who has no rights either, stands for one that is missing."""
    if (account := _account_there(folder)) is not None:
        return account
    if (entry := _find_user()) is not None:
        return Account(entry.pw_uid, entry.pw_gid, is_other=True)
    if shutil.which(_MAKES_USERS) is None:
        raise _no_user(f"there is no {_MAKES_USERS}")
    return Account(_NOBODY, _NOBODY, is_other=True, future_name=OWN_USER)


def make_folders(folder: Path) -> None:
    """With those above it; those that root makes can be passed through by the user that PostgreSQL runs as."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for each in missing:
            each.chmod(_PASSABLE)


def _account_there(folder: Path) -> Account | None:
    """Without a user of its own."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if folder.is_dir() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, is_other=True)
    return None


def _find_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(OWN_USER)
    except KeyError:
        return None


def _own_user() -> pwd.struct_passwd:
    if (entry := _find_user()) is not None:
        return entry
    command = [_MAKES_USERS, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - as above
        return pwd.getpwnam(OWN_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise _no_user(str(error)) from error


def _no_user(why: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"PostgreSQL does not run as root, and the user {OWN_USER} for it cannot be made ({why}). "
        "Run Shiller as another user than root."
    )
