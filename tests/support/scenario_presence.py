"""Who is there, as a watcher is told and as it can ask."""

from __future__ import annotations

from collections.abc import Collection

from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, Line, eventually


async def connected_are(
    watcher: Line, session: Json, names: Collection[str], patience: float = PATIENCE_SECONDS
) -> None:
    """Until the watcher was told a list that shows exactly these as connected, and the server still says so."""

    async def told() -> bool:
        lists = [each for each in watcher.all("trainees:changed") if each["session_id"] == session["id"]]
        return bool(lists) and _connected(lists[-1]["trainees"]) == set(names)

    try:
        await eventually(told, f"exactly {sorted(names)} to be shown as connected", patience)
    except AssertionError as late:
        lists = [each for each in watcher.all("trainees:changed") if each["session_id"] == session["id"]]
        newest = sorted(_connected(lists[-1]["trainees"])) if lists else "nothing"
        cuts = len(watcher.all("disconnect"))
        raise AssertionError(f"{late}; told {newest}, and its line was cut {cuts} times") from None
    asked = await watcher.ask("session:watch", {"session_id": session["id"]})
    assert _connected(asked["trainees"]) == set(names)


def _connected(trainees: Collection[Json]) -> set[str]:
    return {each["name"] for each in trainees if each["connected"]}
