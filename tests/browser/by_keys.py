"""Pages without a mouse: the focus is moved by keys, and is always to be seen where it comes by."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page

# Whether something is drawn around what has the focus: itself, the whole row that is a link's, or the label's text
# that stands for a native radio.
_IS_SEEN = """() => {
  const focused = document.activeElement;
  const drawn = ([element, part]) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element, part);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  const around = [[focused], [focused, "::after"], [focused.nextElementSibling]];
  return around.some((one) => one[0] !== null && drawn(one));
}"""


async def tab_to(page: Page, name: str) -> None:
    """Tab until that has the focus which a screen reader calls so."""
    await press_to(page, "Tab", name)


async def press_to(page: Page, key: str, name: str) -> None:
    """The same by another key, inside of what is one tab stop."""
    passed: list[str] = []
    for _ in range(200):
        await page.keyboard.press(key)
        focused = page.locator(":focus")
        # Behind the last and before the first the focus is the browser's.
        if await focused.count() == 0:
            continue
        passed.append(await _name(focused))
        assert await page.evaluate(_IS_SEEN), f"nothing shows the focus on {passed[-1]!r}"
        if passed[-1] == name:
            return
    raise AssertionError(f"{name!r} is not to be reached by {key}: {passed}")


async def _name(element: Locator) -> str:
    """As a screen reader says it: '- button "Add"' or '- group: Cue'."""
    found = re.match(r"""- '?\w+(?: "(.*?)"|: (.*))""", await element.aria_snapshot())
    return (found[1] or found[2]) if found else ""
