"""What the server refuses is taken back on the screen, and the trainer decides; only what can work is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.trainer_pages import (
    expect_status,
    lines,
    note,
    open_room,
    open_session,
    outbox,
    over_http,
    own_number,
    previewed,
    push,
    push_over_http,
    ready,
    record_of,
    recorded,
    room_link,
    trainer_context,
)
from tests.support.gateway import Gateway
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

HR, DIA = "HR\N{NO-BREAK SPACE}", "DIA\N{NO-BREAK SPACE}"


@dataclass
class Refused:
    """A trainer's outbox after the server has refused the first of two changes of one session."""

    page: Page
    http: httpx.AsyncClient
    session: Json
    refused: str
    behind: str


@asynccontextmanager
async def one_refused(browser: Browser, shared_server: ServerProcess) -> AsyncIterator[Refused]:
    """Two trainers at once: while one was offline and raised the diastolic pressure, another lowered both."""
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session, other = await open_session(http, title="Sepsis"), await open_session(http, title="Asthma")
        page = await open_room(context, shared_server.url, session)
        beside = await open_room(context, shared_server.url, other)
        await expect_status(page, "Saved")
        await context.set_offline(True)
        await push(page, "Diastolic", 95)
        await push(page, "Heart rate", 111)
        await push(beside, "Heart rate", 122)
        await expect_status(page, "Offline (3)")
        [refused, behind, free] = [entry["id"] for entry in await outbox(page)]
        theirs = await push_over_http(http, session["id"], systolic=90, diastolic=60)
        await context.set_offline(False)

        await expect_status(page, "Problem")
        await expect(own_number(page, "Diastolic")).to_have_text("60")
        await expect(own_number(page, "Systolic")).to_have_text("90")
        await expect(own_number(page, "Heart rate")).to_have_text("111")
        await expect(previewed(page, "ecg")).to_have_text("111")
        await expect(lines(page, f"{DIA}95")).to_have_count(0)
        # The other session's goes on meanwhile, this one's waits.
        assert [event["id"] for event in await recorded(http, other["id"], 1)] == [free]
        assert [event["id"] for event in await record_of(http, session["id"])] == [theirs]

        await go_to_outbox(page)
        await expect(entries(page)).to_have_count(2)
        await expect(entry(page, f"{DIA}95")).to_contain_text("Refused")
        await expect(entry(page, f"{DIA}95")).to_contain_text("The server cannot accept these values.")
        await expect(entry(page, f"{HR}111")).to_contain_text("waits for the one above")
        yield Refused(page, http, session, refused, behind)
        assert [event["id"] for event in await record_of(http, other["id"])] == [free]


async def test_a_refused_change_that_is_retried(browser: Browser, shared_server: ServerProcess) -> None:
    async with one_refused(browser, shared_server) as at:
        retry = entry(at.page, f"{DIA}95").get_by_role("button", name="Retry")
        higher = await push_over_http(at.http, at.session["id"], systolic=130)
        await retry.click()
        await expect_status(at.page, "Saved")
        assert (await ids_after_theirs(at)) == [higher, at.refused, at.behind]
        await go_to_room(at)
        await expect(own_number(at.page, "Diastolic")).to_have_text("95")


async def test_a_refused_change_that_is_discarded(browser: Browser, shared_server: ServerProcess) -> None:
    async with one_refused(browser, shared_server) as at:
        await entry(at.page, f"{DIA}95").get_by_role("button", name="Discard: ").click()
        await at.page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        await expect_status(at.page, "Saved")
        assert (await ids_after_theirs(at)) == [at.behind]
        assert await outbox(at.page) == []
        await at.page.reload()
        await expect(at.page.get_by_text("Everything is saved")).to_be_visible()


async def test_a_refused_change_that_is_kept(browser: Browser, shared_server: ServerProcess) -> None:
    async with one_refused(browser, shared_server) as at:
        await entry(at.page, f"{DIA}95").get_by_role("button", name="Put aside").click()
        await expect_status(at.page, "Saved")
        assert (await ids_after_theirs(at)) == [at.behind]
        await at.page.reload()
        await expect(entries(at.page)).to_have_count(1)
        await expect(entry(at.page, f"{DIA}95")).to_contain_text("Put aside")
        await expect_status(at.page, "Saved")
        # It stands in the list for the record, and may still be tried.
        higher = await push_over_http(at.http, at.session["id"], systolic=130)
        await entry(at.page, f"{DIA}95").get_by_role("button", name="Retry").click()
        await expect(entries(at.page)).to_have_count(0)
        assert (await ids_after_theirs(at)) == [at.behind, higher, at.refused]


async def test_changes_of_a_session_that_was_ended_meanwhile(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Sepsis")
        page = await open_room(context, shared_server.url, session)
        await push(page, "Heart rate", 99)
        await expect_status(page, "Saved")
        await context.set_offline(True)
        await push(page, "Heart rate", 140)
        await note(page, "Adrenaline?")
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
        await context.set_offline(False)

        await expect_status(page, "Problem")
        await expect(page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()
        await page.get_by_role("tab", name="Analysis").click()
        await expect(previewed(page, "ecg")).to_have_count(0)
        await expect(lines(page, f"{HR}140")).to_have_count(0)
        # What was made before the end and is no push stands beside the record; nothing waits for the server.
        await expect(page.get_by_role("list", name="Beside the record")).to_contain_text("Adrenaline?")
        await expect(page.get_by_text("waits for the server")).to_have_count(0)
        await expect(page.get_by_text("1 change of this session was refused")).to_be_visible()
        await page.get_by_role("link", name="Decide in the outbox").click()
        refused = entry(page, f"{HR}140")
        await expect(refused).to_contain_text("The session was ended before this arrived.")
        # Final at once: it would not have been told anything else a second time, and is not offered to be.
        await expect(refused).not_to_contain_text("failed")
        await expect(refused).to_contain_text("It can no longer be sent.")
        await expect(refused.get_by_role("button", name="Retry")).to_have_count(0)
        await expect(page.get_by_text("Nothing here is lost")).to_have_count(0)
        await refused.get_by_role("button", name="Discard: ").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Copy the text").click()
        await expect(dialog.get_by_role("button", name="Copied").or_(dialog.get_by_role("textbox"))).to_be_visible()
        await dialog.get_by_role("button", name="Discard").click()
        await expect_status(page, "Saved")
        assert await outbox(page) == []
        kinds = [event["kind"] for event in await record_of(http, session["id"])]
        assert kinds == ["vitals", "lifecycle"]


async def test_refused_values_are_changed_and_sent_again(browser: Browser, shared_server: ServerProcess) -> None:
    async with one_refused(browser, shared_server) as at:
        refused = entry(at.page, f"{DIA}95")
        await expect(refused.get_by_role("button", name="Retry")).to_have_count(0)
        await refused.get_by_role("button", name="Change: ").click()
        await ready(at.page)
        field = at.page.get_by_role("spinbutton", name="Diastolic, value to send", exact=True)
        await expect(field).to_have_value("95")
        await field.fill("70")
        await field.press("Enter")
        await expect_status(at.page, "Saved")
        events = (await record_of(at.http, at.session["id"]))[1:]
        assert [(event["heart_rate"], event["diastolic"]) for event in events] == [(111, None), (None, 70)]


@pytest.mark.parametrize("has_sockets", [True, False], ids=["over the socket", "over HTTP"])
async def test_three_failures_roll_back(browser: Browser, shared_server: ServerProcess, has_sockets: bool) -> None:
    gateway = Gateway(shared_server.url, has_sockets=has_sockets)
    async with over_http(shared_server.url) as http, gateway.running(), trainer_context(browser) as context:
        session = await open_session(http)
        page = await open_room(context, gateway.url, session)
        await push(page, "Heart rate", 99)
        await expect_status(page, "Saved")
        gateway.mood = "fails"
        # Not before it has been seen: three failures take two seconds, and roll back.
        gateway.may_answer.clear()
        await push(page, "Heart rate", 140)
        [failing] = await outbox(page)
        gateway.may_answer.set()
        await expect_status(page, "Problem")
        await expect(own_number(page, "Heart rate")).to_have_text("99")
        await expect(previewed(page, "ecg")).to_have_text("99")
        assert gateway.asked[1:] == [failing["id"]] * 3
        await go_to_outbox(page)
        await expect(entry(page, f"{HR}140")).to_contain_text("3 tries failed")
        gateway.mood = "well"
        await entry(page, f"{HR}140").get_by_role("button", name="Retry").click()
        await expect_status(page, "Saved")
        assert [event["heart_rate"] for event in await record_of(http, session["id"])] == [99, 140]


@pytest.mark.parametrize("has_sockets", [True, False], ids=["over the socket", "over HTTP"])
async def test_a_lost_answer_has_no_second_effect(
    browser: Browser, shared_server: ServerProcess, has_sockets: bool
) -> None:
    gateway = Gateway(shared_server.url, has_sockets=has_sockets)
    async with over_http(shared_server.url) as http, gateway.running(), trainer_context(browser) as context:
        session = await open_session(http)
        page = await open_room(context, gateway.url, session)
        await expect_status(page, "Saved")
        gateway.mood = "loses an answer"
        await push(page, "Heart rate", 140)
        [event] = await recorded(http, session["id"], 1)
        [lost] = await outbox(page)
        assert lost["id"] == event["id"]
        gateway.mood = "well"
        await push(page, "Heart rate", 150)
        await expect_status(page, "Saved")
        assert [event["heart_rate"] for event in await record_of(http, session["id"])] == [140, 150]
        if not has_sockets:
            # Nothing else can have told this browser that it had arrived.
            assert gateway.asked.count(lost["id"]) > 1


async def go_to_outbox(page: Page) -> None:
    await page.locator("a.db-status").click()
    await expect(page.get_by_role("heading", name="Outbox")).to_be_visible()


async def go_to_room(at: Refused) -> None:
    await at.page.get_by_role("link", name="Sessions").click()
    await room_link(at.page, at.session).click()
    await ready(at.page)


def entries(page: Page) -> Locator:
    return page.locator(".db-outbox tbody tr")


def entry(page: Page, words: str) -> Locator:
    return entries(page).filter(has=page.get_by_role("rowheader", name=words))


async def ids_after_theirs(at: Refused) -> list[str]:
    return [event["id"] for event in (await record_of(at.http, at.session["id"]))[1:]]
