"""Links to a debrief: found by their secret alone, ended at once, told in the audit."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from server.domain.audit import author_of
from server.domain.session import Session
from server.domain.shares import Share, ShareDraft, judge_share
from server.ports.storage import Storage
from server.service.tokens import new_token, token_hash
from tests.support.houses import House, open_session
from tests.support.making import later


def a_share(session: Session, house: House, seconds: float = 0) -> Share:
    share = judge_share(session, house.trainer, ShareDraft(days=1), uuid4(), later(seconds))
    assert isinstance(share, Share)
    return share


async def _told(storage: Storage, house: House) -> list[tuple[str, str]]:
    page = await storage.audit.list_entries(house.school.id, 50, None)
    entries = sorted(page.items, key=lambda entry: entry.at)
    return [(entry.action, entry.by.name) for entry in entries if entry.action.startswith("share")]


async def test_it_is_found_by_its_secret(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    shares = {new_token(): a_share(session, house, seconds) for seconds in (1, 2)}
    for token, share in shares.items():
        await storage.shares.add_share(share, token_hash(token), session)
    other = await open_session(storage, house.trainer)
    await storage.shares.add_share(a_share(other, house), token_hash(new_token()), other)
    for token, share in shares.items():
        assert await second_storage.shares.find_share(token_hash(token)) == share
    assert await storage.shares.find_share(token_hash("guessed")) is None
    assert await storage.shares.list_shares(session) == list(shares.values())


async def test_all_of_a_session_end_at_once(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    first, second, other = (
        a_share(session, house, 1),
        a_share(session, house, 2),
        await open_session(storage, house.trainer),
    )
    for share, of in ((first, session), (second, session), (a_share(other, house, 3), other)):
        await storage.shares.add_share(share, token_hash(str(share.id)), of)
    by = author_of(house.colleague)
    assert await second_storage.shares.end_shares(session, by, later(9)) == 2
    assert await storage.shares.end_shares(session, by, later(10)) == 0
    ended = [replace(share, ended_at=later(9)) for share in (first, second)]
    assert await storage.shares.list_shares(session) == ended
    assert not any(share.is_open(later(9)) for share in ended)
    assert [share.is_open(later(9)) for share in await storage.shares.list_shares(other)] == [True]
    assert await _told(storage, house) == [("shared", "Ada")] * 3 + [("share_ended", "Bela")]


async def test_reading_is_told_once_in_a_while(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    share = a_share(session, house)
    await storage.shares.add_share(share, token_hash("x"), session)
    for seconds in (10, 11, 500, 611, 612):
        await (second_storage if seconds % 2 else storage).shares.tell_opened(share, session, later(seconds))
    assert await _told(storage, house) == [("shared", "Ada"), *[("share_opened", "Shared link")] * 2]
