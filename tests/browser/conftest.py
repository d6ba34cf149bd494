"""A Chromium for each worker, by the asynchronous interface: the other one takes the event loop for itself.

The browser belongs to the loop that launched it, so every test here runs in one loop of the whole run; a
fixture of theirs that is async needs `loop_scope="session"`, too. What isolates tests is a context each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.support.chromium import launch
from tests.support.scenario import ServerProcess, serving

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own: to be killed, or to be found empty."""
    with serving(tmp_path / "server", USE_IN_MEMORY="true", EXPIRY_SECONDS="1") as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One for all tests of a worker that look at sessions of their own only."""
    folder = tmp_path_factory.mktemp("shared") / "server"
    with serving(folder, USE_IN_MEMORY="true", EXPIRY_SECONDS="1") as server:
        yield server
