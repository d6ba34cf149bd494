"""OpenVetSim: scenes of XML, each of which changes some parameters, over a time, and ends by triggers or a timeout."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from itertools import islice

from server.domain.case import STEPS_LIMIT
from server.domain.imports.found import Found, FoundCase, State, TheirRhythm, rhythm_of
from server.domain.imports.keys import keys_of, made_key
from server.domain.imports.numbers import convert, read_quantity
from server.domain.imports.report import Report, plain, plain_names
from server.domain.imports.shapes import LOOKED_AT
from server.domain.imports.xml_reading import Element

ROOT = "scenario"
_SIGNS = {
    ("cardiac", "rate"): "heart_rate",
    ("cardiac", "bps_sys"): "systolic",
    ("cardiac", "bps_dia"): "diastolic",
    ("respiration", "rate"): "respiratory_rate",
    ("respiration", "spo2"): "spo2",
    ("respiration", "etco2"): "etco2",
    ("general", "temperature"): "temperature",
}
_BLOCKS = ("cardiac", "respiration", "general")
_ALSO_USED = {("cardiac", "rhythm"), ("cardiac", "pea"), ("cardiac", "vfib_amplitude")}
_RAMP = "transfer_time"
_RHYTHMS = {
    "sinus": TheirRhythm("sinus"),
    "afib": TheirRhythm("atrial_fibrillation"),
    "vfib": TheirRhythm("ventricular_fibrillation"),
    "vtach1": TheirRhythm("ventricular_tachycardia"),
    "vtach2": TheirRhythm("ventricular_tachycardia"),
    # Its name on their screens is R on T.
    "vtach3": TheirRhythm("ventricular_tachycardia", is_same=False),
    "asystole": TheirRhythm("asystole"),
}
# `INSIDE` and `OUTSIDE` do not hold at their bounds.
_TESTS = {
    "EQ": [("ge", "le")],
    "LTE": [("le",)],
    "LT": [("lt",)],
    "GTE": [("ge",)],
    "GT": [("gt",)],
    "INSIDE": [("gt", "lt")],
    "OUTSIDE": [("lt", None), (None, "gt")],
}
_FIRST_SCENE = 1
_TRIGGERS_LOOKED_AT = 100
_SCENES_LOOKED_AT = 300
_OTHER_PARTS = ("profile", "media", "vocals", "telesim")


def read_vet_sim(root: Element) -> Generator[None, None, Found]:
    report = Report()
    scenes = list(
        islice((each for each in root.children if each.name in ("scene", "initial_scene")), _SCENES_LOOKED_AT)
    )
    # A scene without a positive number is an end: nothing happens in it.
    played = [scene for scene in scenes if (_scene_id(scene) or 0) > 0]
    entry = _whole(root.text_of("init", "initial_scene") or root.text_of("init", "scene")) or _FIRST_SCENE
    played.sort(key=lambda scene: _scene_id(scene) != entry)
    if not played and root.find("init") is None:
        return Found("openvetsim", [])
    if len(played) > STEPS_LIMIT:
        report.add("too_many", "steps", count=len(played), kept=STEPS_LIMIT)
        del played[STEPS_LIMIT:]
    yield
    keys = keys_of([scene.text_of("title") for scene in played], "scene")
    targets: dict[int, str | None] = {number: None for scene in scenes if (number := _scene_id(scene)) is not None}
    targets[0] = None
    for scene, key in reversed(list(zip(played, keys, strict=True))):
        targets[_scene_id(scene) or 0] = key
    reader = _Scenes(root, targets, report)
    steps: list[dict[str, object]] = []
    for place, (scene, key) in enumerate(zip(played, keys, strict=True)):
        steps.append(reader.step(scene, key, f"steps.{place}."))
        yield
    title = root.find("header", "title")
    state, _ = reader.state(root.find("init"), "")
    raw = {
        "title": "" if title is None else title.text or title.text_of("top"),
        "description": root.text_of("header", "description"),
        **state,
        "steps": steps,
        "checklist": reader.checklist(),
    }
    not_used = [*reader.not_used, *(part for part in _OTHER_PARTS if root.find(part) is not None)]
    if not_used:
        report.add("not_used", names=plain_names(not_used))
    return Found("openvetsim", [FoundCase(raw, report)])


class _Scenes:
    def __init__(self, root: Element, targets: Mapping[int, str | None], report: Report) -> None:
        self._targets = targets
        self._report = report
        categories = (category for events in root.all("events") for category in events.all("category"))
        listed = islice((event for category in categories for event in category.all("event")), LOOKED_AT)
        self._titles = {event.text_of("id"): event.text_of("title") for event in listed}
        self._markers: dict[str, str] = {}
        self.not_used: list[str] = []

    def checklist(self) -> list[object]:
        """What happens in their case by an event, the trainer marks in ours."""
        return [{"text": self._titles.get(event) or event, "marker": marker} for event, marker in self._markers.items()]

    def step(self, scene: Element, key: str, where: str) -> dict[str, object]:
        state, seconds = self.state(scene.find("init"), where)
        ways: list[dict[str, object]] = []
        triggers = (trigger for listed in scene.all("triggers") for trigger in listed.all("trigger"))
        for trigger in islice(triggers, _TRIGGERS_LOOKED_AT):
            ways += self._triggered(trigger, f"{where}transitions")
        # Triggers are looked at before it.
        for timeout in islice(scene.all("timeout"), 1):
            after = _whole(timeout.text_of("timeout_value"))
            if after is not None and after > 0:
                ways.append(self._way(timeout, {"after": after}))
        return {"key": key, "title": scene.text_of("title"), **state, "ramp_seconds": seconds, "transitions": ways}

    def state(self, init: Element | None, where: str) -> tuple[State, object]:
        """What the scene changes, and over how many seconds."""
        vitals: dict[str, object] = {}
        ramps: list[float] = []
        for block in [] if init is None else [each for each in init.children if each.name in _BLOCKS]:
            for each in block.children[:LOOKED_AT]:
                sign = _SIGNS.get((block.name, each.name))
                if sign is not None:
                    vitals[sign] = self._value(sign, each.text, f"{where}vitals.{sign}")
                elif each.name == _RAMP:
                    ramps.append(max(0.0, read_quantity(each.text) or 0.0))
                elif (block.name, each.name) not in _ALSO_USED:
                    self.not_used.append(f"{block.name}.{each.name}")
        if len(set(ramps)) > 1:
            times = " / ".join(f"{seconds:g}" for seconds in sorted(set(ramps)))
            self._report.add("ramps_merged", f"{where}ramp_seconds", from_=plain(times), to=max(ramps))
        rhythm, flags = self._rhythm(init, where)
        return {"vitals": vitals, "rhythm": rhythm, "flags": flags}, max(ramps, default=0)

    def _rhythm(self, init: Element | None, where: str) -> tuple[object, dict[str, object]]:
        if init is None:
            return None, {}
        name = init.text_of("cardiac", "rhythm")
        rhythm, flags = rhythm_of(name, _RHYTHMS, f"{where}rhythm", self._report)
        if name == "vfib" and init.text_of("cardiac", "vfib_amplitude") == "low":
            rhythm = "ventricular_fibrillation_fine"
        if pea := init.text_of("cardiac", "pea"):
            flags["pulseless"] = pea == "1"
        return rhythm or None, flags

    def _value(self, sign: str, text: str, where: str) -> object:
        """`2-4` is any value in between, theirs by chance."""
        low, high = _range(text)
        if high is not None and low is not None:
            middle = (low + high) / 2
            self._report.add("range_replaced", where, from_=plain(text), to=middle)
            return self._unit(sign, middle, where)
        return self._unit(sign, text, where)

    def _unit(self, sign: str, raw: object, where: str) -> object:
        if sign != "temperature":
            return raw
        self._report.add("unit_converted", where, from_="°F/10", to="°C")
        return convert(raw, 1 / 18, 1, -160 / 9)

    def _triggered(self, trigger: Element, where: str) -> Sequence[dict[str, object]]:
        event = trigger.text_of("event_id")
        if event:
            marker = self._markers.get(event) or made_key(event, "event")
            if marker is None:
                self._report.add("not_understood", where, name=plain(event))
                return ()
            self._markers[event] = marker
            self._report.add("event_became_marker", where, from_=plain(self._titles.get(event) or event), to=marker)
            return (self._way(trigger, {"marker": marker, "count": 1}),)
        found = [(block, each) for block in trigger.children for each in block.children[:1]]
        test = _TESTS.get(trigger.text_of("test"))
        sign = _SIGNS.get((found[0][0].name, found[0][1].name)) if found else None
        if test is None or sign is None:
            name = f"{found[0][0].name}.{found[0][1].name}" if found else trigger.text_of("test")
            self._report.add("not_understood", where, name=plain(name or "trigger"))
            return ()
        return [self._way(trigger, {"when": self._conditions(sign, each, found[0][1].text, where)}) for each in test]

    def _conditions(self, sign: str, ops: Sequence[str | None], text: str, where: str) -> list[dict[str, object]]:
        low, high = _range(text)
        bounds = (text, text) if low is None or high is None else (low, high)
        return [
            {"sign": sign, "op": op, "value": self._unit(sign, bound, where)}
            for op, bound in zip(ops, bounds, strict=False)
            if op is not None
        ]

    def _way(self, way: Element, on: Mapping[str, object]) -> dict[str, object]:
        named = way.text_of("scene_id")
        number = _whole(named)
        # No key begins like this: what is not there is told by the number that it has in the file.
        to = f"? {plain(named)}" if number is None else self._targets.get(max(number, 0), f"? {number}")
        return {"to": to, "automatic": True, "on": dict(on)}


def _range(text: str) -> tuple[float | None, float | None]:
    """Of `2-4` both; of `-4` and of `4` neither."""
    low, dash, high = text.strip().partition("-")
    if not dash or not low:
        return None, None
    return read_quantity(low), read_quantity(high)


def _scene_id(scene: Element) -> int | None:
    return _whole(scene.text_of("id"))


def _whole(text: str) -> int | None:
    value = read_quantity(text)
    return None if value is None else int(value)
