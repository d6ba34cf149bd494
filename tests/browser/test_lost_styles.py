"""A page's own style that does not come the first time: asked for again with the page, which is never shown without."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Request, Route, expect

from tests.browser.pages import eventually
from tests.browser.trainer_pages import log_in, trainer_context
from tests.support.scenario import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

_GO = """() => {
  history.pushState(null, "", "/dashboard/school");
  dispatchEvent(new PopStateEvent("popstate"));
}"""
_READABLE = "() => [...document.styleSheets].map(({ href, cssRules }) => [new URL(href).pathname, cssRules.length])"


async def _lose(route: Route) -> None:
    await route.abort("internetdisconnected")


@pytest.mark.parametrize("what", ["SchoolPage-*.css", "SchoolPage-*"])
async def test_a_style_that_did_not_come_is_asked_for_again(
    browser: Browser, shared_server: ServerProcess, what: str
) -> None:
    lost: list[str] = []

    def note(request: Request) -> None:
        lost.append(request.url)

    async with trainer_context(browser) as context:
        # As over plain http.
        await context.add_init_script("delete Navigator.prototype.serviceWorker")
        await context.route(f"**/assets/{what}", _lose)
        page = await context.new_page()
        page.on("requestfailed", note)
        await page.goto(f"{shared_server.url}/dashboard")
        await log_in(page)

        async def is_lost() -> bool:
            return any("SchoolPage" in url for url in lost)

        # What is fetched once the first page is at rest.
        await eventually(is_lost, "the style to be lost")
        await context.unroute(f"**/assets/{what}")
        await page.evaluate(_GO)
        await expect(page.locator("h1")).to_have_text("School")
        sheets = await page.evaluate(_READABLE)
        assert [rules > 0 for path, rules in sheets if "SchoolPage" in path] == [True]
