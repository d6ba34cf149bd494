"""The record of an ended session: as the monitors showed it, whole on paper, and as files to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from tests.browser.pages import trainer_over_http, watched_page
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

LINES = 40
# A4 in points, as a PDF counts.
A4 = (595, 842)
ENGLISH: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Paris", "viewport": {"width": 1280, "height": 720}}
FRENCH: dict[str, Any] = {**ENGLISH, "locale": "fr-FR"}


@pytest_asyncio.fixture(loop_scope="session")
async def trainer(shared_server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with trainer_over_http(shared_server) as client:
        yield client


async def _event(trainer: httpx.AsyncClient, session: Json, **body: Any) -> Json:
    return (
        (await trainer.post(f"/sessions/{session['id']}/events", json={"id": new_id(), **body}))
        .raise_for_status()
        .json()
    )


async def _ended(trainer: httpx.AsyncClient, title: str) -> Json:
    """Of a case, with more lines than a page has, and a note that came after its end."""
    template = (await trainer.get("/templates?limit=1")).raise_for_status().json()["items"][0]
    body = {"id": new_id(), "title": title, "template_id": template["id"]}
    session = (await trainer.post("/sessions", json=body)).raise_for_status().json()
    await _event(trainer, session, kind="vitals", step=template["steps"][0]["key"])
    await _event(trainer, session, kind="vitals", vitals={"heart_rate": 140}, ramp_seconds=3600)
    await _event(trainer, session, kind="vitals", rhythm="sinus", flags={"spo2_off": True})
    await _event(trainer, session, kind="note", marker="adrenaline")
    for count in range(LINES):
        await _event(
            trainer, session, kind="note", text=f"Line {count:02}, {'long ' * 20 if count % 9 == 0 else ''}end"
        )
    ended = (await trainer.post(f"/sessions/{session['id']}/close")).raise_for_status().json()
    await _event(trainer, session, kind="note", text="Came late", made_at=ended["created_at"])
    return ended


async def _open(page: Page, server: ServerProcess, session: Json, labels: tuple[str, str]) -> None:
    await page.goto(f"{server.url}/dashboard/sessions/{session['id']}")
    await page.get_by_label(labels[0]).fill("demo@shiller.local")
    field = page.get_by_label(labels[1], exact=True)
    await field.fill("demo-shiller")
    await field.press("Enter")
    await expect(page.locator(".db-record-line").filter(has_text="Came late").first).to_be_visible()


def _paper(pdf: bytes) -> tuple[list[str], str]:
    reader = PdfReader(io.BytesIO(pdf))
    for paper in reader.pages:
        width, height = float(paper.mediabox.width), float(paper.mediabox.height)
        assert (round(width), round(height)) == pytest.approx(A4, abs=1)
    texts = [paper.extract_text() for paper in reader.pages]
    return texts, " ".join(" ".join(texts).split())


@pytest.mark.parametrize(
    ("options", "labels", "words"),
    [
        (ENGLISH, ("Email", "Password"), ("Record", "Came late beside the record", "Adrenaline given", "HR")),
        (FRENCH, ("E-mail", "Mot de passe"), ("Historique", "Came late en marge de l’historique", "Adrénaline", "FC")),
    ],
)
async def test_an_ended_session_prints_whole(
    browser: Browser,
    shared_server: ServerProcess,
    trainer: httpx.AsyncClient,
    options: dict[str, Any],
    labels: tuple[str, str],
    words: tuple[str, ...],
) -> None:
    session = await _ended(trainer, "Printed whole")
    async with watched_page(browser, all_frames=True, **options) as page:
        await _open(page, shared_server, session, labels)
        pages, text = _paper(await page.pdf(prefer_css_page_size=True))
        assert len(pages) >= 2
        assert text.count("Printed whole") == 1
        for count in range(LINES):
            assert f"Line {count:02}," in text, count
        assert text.count("end") >= LINES
        for word in words:
            assert word in text, (word, text)
        # What it comes to, with its chart, is on the first page; the record begins further on, and every page of it
        # names its columns.
        assert words[3] in pages[0]
        record = [each for each in pages if "Line " in each]
        assert len(record) >= 2
        assert pages[0] not in record
        assert all(words[3] in each for each in record)
        assert all(f"{place} / {len(pages)}" in each for place, each in enumerate(pages, start=1))
        # And the screen is the screen again.
        await expect(page.locator(".db-sheet")).to_have_count(0)
        await expect(page.locator("main.db-debrief")).to_be_visible()


async def test_nothing_on_paper_is_cut_or_pale(
    browser: Browser, shared_server: ServerProcess, trainer: httpx.AsyncClient
) -> None:
    session = await _ended(trainer, "Black on white")
    async with watched_page(browser, all_frames=True, **ENGLISH, color_scheme="dark") as page:
        await _open(page, shared_server, session, ("Email", "Password"))
        await page.evaluate("dispatchEvent(new Event('beforeprint'))")
        await page.emulate_media(media="print")
        # The paper is narrower than the screen, and a preview looks at the page again: nothing goes meanwhile.
        await page.set_viewport_size({"width": 703, "height": 1000})
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        sheet = page.locator(".db-sheet")
        await expect(sheet).to_be_visible()
        rows = sheet.locator(".db-sheet-record tbody tr")
        # All events of the record, its late note and its end among them.
        assert await rows.count() == session["last_seq"] + 1
        found = await sheet.evaluate(
            """(sheet) => {
              const right = sheet.getBoundingClientRect().right + 1;
              const all = [...sheet.querySelectorAll("h1, h2, p, dt, dd, th, td, text")];
              return {
                wide: all.filter((one) => one.getBoundingClientRect().right > right).map((one) => one.textContent),
                pale: all.filter((one) => {
                  const style = getComputedStyle(one);
                  return (one instanceof SVGElement ? style.fill : style.color) !== "rgb(0, 0, 0)";
                }).map((one) => one.textContent),
                curves: [...sheet.querySelectorAll(".db-paper-chart > g > .db-paper-curve")]
                  .map((one) => one.getTotalLength()),
                ground: getComputedStyle(document.body).backgroundColor,
              };
            }"""
        )
        assert found["wide"] == []
        assert found["pale"] == []
        assert found["ground"] == "rgb(255, 255, 255)"
        assert len(found["curves"]) == 6
        # The saturation ends where its sensor is taken off (how far to the right, depends on how fast the session was
        # made), and nobody has measured a pressure.
        rate, systolic, _, spo2, breaths, etco2 = found["curves"]
        assert min(rate, breaths, etco2) > 500
        assert 0 < spo2 < rate
        assert systolic == 0
        await page.evaluate("dispatchEvent(new Event('afterprint'))")
        await expect(sheet).to_have_count(0)


def _downloads(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Take the record along")


async def test_an_ended_session_is_taken_along_as_files(
    browser: Browser, shared_server: ServerProcess, trainer: httpx.AsyncClient
) -> None:
    session = await _ended(trainer, "Taken along")
    path = f"/sessions/{session['id']}/export"
    async with watched_page(browser, all_frames=True, **ENGLISH) as page:
        await _open(page, shared_server, session, ("Email", "Password"))

        async def download(name: str) -> str:
            async with page.expect_download() as downloading:
                await _downloads(page).get_by_role("link", name=name, exact=True).click()
            with open(await (await downloading.value).path(), encoding="utf-8", newline="") as file:
                return file.read()

        await page.get_by_role("button", name="Download…").click()
        shown = await download("CSV")
        assert shown == (await trainer.get(path, params={"values": "shown"})).text
        french = await download("CSV (French)")
        asked = {"dialect": "fr", "values": "shown", "timezone": "Europe/Paris"}
        assert french == (await trainer.get(path, params=asked)).text
        assert french.startswith("\ufeff")
        await _downloads(page).get_by_label("Values").select_option("pushed")
        assert await download("CSV") == (await trainer.get(path)).text
        assert (await download("JSON")).startswith('{"session": ')
        assert (await download("FHIR")).startswith('{"resourceType": "Bundle"')
        assert (await download("HL7 v2")).startswith("MSH|^~\\&|SHILLER|")
        assert (await download("xAPI")).startswith("[\n")


async def test_the_table_says_what_the_monitors_showed(
    browser: Browser, shared_server: ServerProcess, trainer: httpx.AsyncClient
) -> None:
    session = await _ended(trainer, "As shown")
    exported = csv.DictReader(io.StringIO((await trainer.get(f"/sessions/{session['id']}/export?values=shown")).text))
    by_text = {row["text"]: row for row in exported if row["text"]}
    async with watched_page(browser, all_frames=True, **ENGLISH) as page:
        await _open(page, shared_server, session, ("Email", "Password"))
        table = page.locator("#part-record").get_by_role("table")
        for text in ("Line 01, end", "Came late"):
            row = table.get_by_role("row").filter(has_text=text)
            rate, spo2 = row.get_by_role("cell").nth(2), row.get_by_role("cell").nth(4)
            await expect(rate).to_have_text(by_text[text]["heart_rate (/min)"])
            await expect(spo2).to_have_text(by_text[text]["spo2 (%)"] or "–")
