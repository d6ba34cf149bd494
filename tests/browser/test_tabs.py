"""Two tabs of one browser: one speaks with the server for both, and the other takes its place when it goes."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.trainer_pages import (
    expect_status,
    lines,
    note,
    open_room,
    open_session,
    opens_without_network,
    outbox,
    over_http,
    own_number,
    previewed,
    push,
    push_over_http,
    record_of,
    recorded,
    trainer_context,
)
from tests.support.chromium import launch
from tests.support.delay import Line, line_to
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Whether this tab holds the lock of the one that leads.
_LEADS = """async () => {
  const held = async (name) => (await navigator.locks.query()).held.find((lock) => lock.name === name)?.clientId;
  const mine = crypto.randomUUID();
  const me = await navigator.locks.request(mine, () => held(mine));
  return (await held("shiller")) === me;
}"""


async def test_what_is_done_in_one_tab_is_shown_in_both(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http)
        tabs = [await open_room(context, shared_server.url, session) for _ in range(2)]
        leader, follower = await leader_and_follower(tabs)
        for rate, tab in enumerate([follower, leader, follower, leader], 101):
            await push(tab, "Heart rate", rate)
            await check_shown(tabs, rate)
        await note(follower, "From the other tab")
        theirs = await push_over_http(http, session["id"], heart_rate=88)
        await check_shown(tabs, 88)
        for tab in tabs:
            await expect_status(tab, "Saved")
            await expect(lines(tab, "From the other tab")).to_have_count(1)
        events = await record_of(http, session["id"])
        assert [event["heart_rate"] for event in events if event["kind"] == "vitals"] == [101, 102, 103, 104, 88]
        assert theirs in [event["id"] for event in events]
        assert await leader_and_follower(tabs) == (leader, follower)


async def test_the_other_tab_sends_what_the_leader_left(browser: Browser, shared_server: ServerProcess) -> None:
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        trainer_context(browser) as context,
    ):
        session = await open_session(http)
        tabs = [await open_room(context, line.url, session) for _ in range(2)]
        leader, follower = await leader_and_follower(tabs)
        await opens_without_network(follower)
        left = await left_in_the_middle(leader, follower, line, http, session)
        await leader.close()
        await expect_status(follower, f"Offline ({len(left)})")
        await check_shown([follower], 104)
        # It has nobody to follow any more.
        await leads(follower)
        await push(follower, "Heart rate", 105)

        line.let_flow()
        await line.come_up()
        await expect_status(follower, "Saved")
        events = await record_of(http, session["id"])
        assert [event["id"] for event in events[:-1]] == left
        assert [event["heart_rate"] for event in events if event["kind"] == "vitals"] == [101, 102, 103, 104, 105]


async def test_tabs_on_a_plain_http_network(shared_server: ServerProcess) -> None:
    """As in most schools. Browsers give such pages neither Web Locks nor a service worker."""
    named = "--host-resolver-rules=MAP shiller.test 127.0.0.1"
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        async_playwright() as playwright,
        await launch(playwright, named) as browser,
        trainer_context(browser) as context,
    ):
        session = await open_session(http)
        url = line.url.replace("127.0.0.1", "shiller.test")
        # Whoever comes first leads.
        leader = await open_room(context, url, session)
        await expect_status(leader, "Saved")
        follower = await open_room(context, url, session)
        assert not await follower.evaluate("isSecureContext || 'locks' in navigator")
        left = await left_in_the_middle(leader, follower, line, http, session)
        await check_shown([leader, follower], 104)
        await leader.close()
        line.let_flow()
        await line.come_up()
        await expect_status(follower, "Saved")
        assert [event["id"] for event in await record_of(http, session["id"])] == left
        await push(follower, "Heart rate", 105)
        await expect_status(follower, "Saved")


async def left_in_the_middle(
    leader: Page, follower: Page, line: Line, http: httpx.AsyncClient, session: Json
) -> list[str]:
    """Changes of both tabs; one is stored by the server and not confirmed, then the network goes. Ids in order."""
    line.hold_answers()
    await push(leader, "Heart rate", 101)
    [stored] = await recorded(http, session["id"], 1)
    await push(follower, "Heart rate", 102)
    await line.go_down()
    await push(leader, "Heart rate", 103)
    await note(leader, "The last from here")
    await push(follower, "Heart rate", 104)
    await expect_status(leader, "Offline (5)")
    ids = [entry["id"] for entry in await outbox(leader)]
    assert ids[0] == stored["id"]
    return ids


async def check_shown(tabs: Sequence[Page], rate: int) -> None:
    for tab in tabs:
        await expect(own_number(tab, "Heart rate")).to_have_text(str(rate))
        await expect(previewed(tab, "ecg")).to_have_text(str(rate))


async def leader_and_follower(tabs: Sequence[Page]) -> tuple[Page, Page]:
    leading = [await tab.evaluate(_LEADS) for tab in tabs]
    assert sorted(leading) == [False, True]
    leader = leading.index(True)
    return tabs[leader], tabs[1 - leader]


async def leads(tab: Page) -> None:
    async def look() -> bool:
        return await tab.evaluate(_LEADS)

    await eventually(look, "this tab to lead")
