"""That a page which goes wrong fails its test: what all the other tests here rely on."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import PATIENCE_MS, eventually, watch, watched_page
from tests.support.scenario import ServerProcess

GOES_WRONG = [
    ("console.error('a wrong turn')", "a wrong turn"),
    ("setTimeout(() => { throw new Error('another wrong turn') })", "another wrong turn"),
    ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
]
GOES_ELSEWHERE = [
    ("fetch('http://localhost:9/').catch(() => {})", "asked another host: http"),
    ("new WebSocket('ws://localhost:9/')", "asked another host: ws"),
]


@pytest.mark.parametrize("past_the_policy", [False, True])
async def test_what_goes_wrong_in_a_page_is_noticed(
    browser: Browser, shared_server: ServerProcess, past_the_policy: bool
) -> None:
    """Past the Content-Security-Policy a request to elsewhere would get out: it must be noticed then, too."""
    context = await browser.new_context(bypass_csp=past_the_policy)
    context.set_default_timeout(PATIENCE_MS)
    wrong = watch(context)
    page = await context.new_page()
    await page.goto(shared_server.url)
    await expect(page.get_by_label("Session code")).to_be_visible(timeout=PATIENCE_MS)
    assert wrong == []
    for script, words in GOES_ELSEWHERE if past_the_policy else GOES_WRONG:
        await page.evaluate(f"() => {{ {script} }}")

        async def is_noticed(words: str = words) -> bool:
            return any(words in each for each in wrong)

        await eventually(is_noticed, words)
    await context.close()


async def test_and_fails_the_test_of_that_page(browser: Browser, shared_server: ServerProcess) -> None:
    with pytest.raises(AssertionError, match="a wrong turn"):  # noqa: PT012
        async with watched_page(browser) as page:
            await page.goto(shared_server.url)
            async with page.expect_console_message():
                await page.evaluate("() => console.error('a wrong turn')")
