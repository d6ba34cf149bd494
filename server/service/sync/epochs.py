"""What a device is told of the server that it speaks to, or why it is not spoken to."""

from __future__ import annotations

import hashlib
from uuid import UUID

from server.domain.devices import Device
from server.domain.outcomes import Forbidden
from server.domain.people import Trainer
from server.domain.permissions import ANOTHERS_DEVICE, device_revoked, owns_device, sees_addresses
from server.ports.sync import ClientRefused, ClientTaken


def epoch_of(identity: str, trainer: Trainer) -> str:
    """Another one after a restore, and when what this trainer may see changes."""
    return scoped_epoch(identity, trainer.school_id, "admin" if sees_addresses(trainer) else "trainer")


def scoped_epoch(identity: str, school_id: UUID, scope: str) -> str:
    """`scope` is what the asker may see."""
    return hashlib.sha256(f"{identity}/{school_id}/{scope}".encode()).hexdigest()[:32]


def refusal_of(device: Device, trainer: Trainer) -> Forbidden | None:
    """Why this trainer's calls by this device are not taken; None: they are."""
    if not owns_device(device, trainer.id):
        return ANOTHERS_DEVICE
    return None if device.revoked is None else device_revoked(device.revoked.by.name)


def refusal_of_client(refused: ClientRefused) -> Forbidden:
    return ANOTHERS_DEVICE if isinstance(refused, ClientTaken) else device_revoked(refused.revocation.by.name)
