"""That a page which goes wrong fails its test: what all the other tests here rely on."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import PATIENCE_MS, eventually, watch, watched_page
from tests.support.scenario import ServerProcess

GOES_WRONG = {
    "an error in the console": ("console.error('a wrong turn')", "a wrong turn"),
    "an exception": ("setTimeout(() => { throw new Error('a wrong turn') })", "a wrong turn"),
    "what the policy forbids": ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
    "a request to another host": ("fetch('http://localhost:9/').catch(() => {})", "asked another host"),
    "a socket to another host": ("new WebSocket('ws://localhost:9/')", "asked another host"),
}


@pytest.mark.parametrize(("script", "words"), GOES_WRONG.values(), ids=GOES_WRONG)
async def test_what_goes_wrong_in_a_page_is_noticed(
    browser: Browser, shared_server: ServerProcess, script: str, words: str
) -> None:
    # Past the policy a request to elsewhere would get out: it must be noticed then, too.
    context = await browser.new_context(bypass_csp="localhost" in script)
    wrong = watch(context)
    page = await context.new_page()
    await page.goto(shared_server.url)
    await expect(page.get_by_label("Session code")).to_be_visible(timeout=PATIENCE_MS)
    assert wrong == []
    await page.evaluate(f"() => {{ {script} }}")

    async def is_noticed() -> bool:
        return any(words in each for each in wrong)

    await eventually(is_noticed, words)
    await context.close()


async def test_and_fails_the_test_of_that_page(browser: Browser, shared_server: ServerProcess) -> None:
    with pytest.raises(AssertionError, match="a wrong turn"):  # noqa: PT012
        async with watched_page(browser) as page:
            await page.goto(shared_server.url)
            async with page.expect_console_message():
                await page.evaluate("() => console.error('a wrong turn')")
