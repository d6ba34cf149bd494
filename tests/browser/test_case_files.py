"""A case taken along as a file from the list, without a network; and the server's own file says the same."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from playwright.async_api import Browser, expect

from tests.browser.pages import OFFLINE, trainer_over_http
from tests.browser.screens import control_room
from tests.browser.trainer_pages import choose_for_case
from tests.support.scenario import ServerProcess


async def test_a_case_is_exported_without_a_network(
    browser: Browser, shared_server: ServerProcess, tmp_path: Path
) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser, tolerate=OFFLINE) as room,
    ):
        body = {"title": "Arrêt à l’hôpital", "steps": [{"title": "A", "flags": {"pulseless": True}}], "language": "fr"}
        case = (await http.post("/templates", json=body)).raise_for_status().json()
        await room.log_in(shared_server)
        await room.page.get_by_role("link", name="Cases", exact=True).click()
        await expect(room.page.get_by_role("button", name=f"More actions: {case['title']}")).to_be_visible()
        await room.page.context.set_offline(True)
        async with room.page.expect_download() as downloading:
            await choose_for_case(room.page, "Export", case["title"])
        download = await downloading.value
        assert download.suggested_filename == "shiller-arret-a-lhopital.json"
        await download.save_as(tmp_path / "case.json")
        file = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))
        assert file == (await http.get(f"/templates/{case['id']}/export")).raise_for_status().json()
        Draft202012Validator((await http.get("/template.schema.json")).json()).validate(file)
