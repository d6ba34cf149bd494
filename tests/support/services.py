"""The services of one app on an open storage, without any door to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.app import build_services
from server.config import read_config
from server.ports.broadcast import Publisher, SilentPublisher
from server.ports.storage import Storage
from server.service.passwords import PasswordHasher
from server.service.services import Services
from tests.support.running import CHEAP_ROUNDS


@contextmanager
def services_on(storage: Storage, publisher: Publisher | None = None) -> Iterator[Services]:
    passwords = PasswordHasher(CHEAP_ROUNDS)
    try:
        config = read_config({"USE_IN_MEMORY": "true"})
        yield build_services(config, storage, publisher or SilentPublisher(), passwords)
    finally:
        passwords.close()
