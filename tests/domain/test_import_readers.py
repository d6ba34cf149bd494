"""The readers below the importers: AES by its published vectors, JSON as the library reads it, within bounds."""

from __future__ import annotations

import gc
import json
import math
import time
from collections.abc import Generator
from copy import deepcopy
from typing import TypeVar
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.imports.aes import decrypt_cbc
from server.domain.imports.dispatch import ImportedCases, import_cases
from server.domain.imports.json_reading import JsonRead, read_json
from server.domain.imports.report import UnreadableFile
from tests.support.case_files import VET_SCENARIO, a_scenario, encrypt_cbc, every_valid_file, own_file
from tests.support.strategies import json_values

T = TypeVar("T")


def whole(reading: Generator[None, None, T]) -> T:
    while True:
        try:
            next(reading)
        except StopIteration as done:
            return done.value


def test_aes_by_the_vector_of_the_standard() -> None:
    # SP 800-38A, F.2.6, and one more block that holds nothing but filling.
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    ciphered = bytes.fromhex(
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
        "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
    )
    plain = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    assert encrypt_cbc(plain, key, bytes(range(16)))[:64] == ciphered
    filling = encrypt_cbc(plain, key, bytes(range(16)))[64:]
    assert whole(decrypt_cbc(ciphered + filling, key, bytes(range(16)))) == plain


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=700), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_aes_undoes_what_the_textbook_does(plain: bytes, key: bytes, start: bytes) -> None:
    assert whole(decrypt_cbc(encrypt_cbc(plain, key, start), key, start)) == plain


def test_aes_of_more_blocks_than_are_taken_at_once() -> None:
    plain = bytes(range(256)) * 33
    assert whole(decrypt_cbc(encrypt_cbc(plain, b"k" * 32, b"s" * 16), b"k" * 32, b"s" * 16)) == plain


@settings(max_examples=60, deadline=None)
@given(json_values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_json_is_read_as_the_library_reads_it(value: object, is_ascii: bool, indent: int | str | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    read = whole(read_json(text))
    if isinstance(read, UnreadableFile):
        assert read.code == "json_deep"
        return
    assert read.repeated == ()
    assert _same(read.value, json.loads(text))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}[]:,"\\ \n0123456789.eE+-truefalsn\u00e9', max_size=40))
def test_json_is_refused_where_the_library_refuses_it(text: str) -> None:
    try:
        expected: object = json.loads(text, strict=False)
    except ValueError:
        assert isinstance(whole(read_json(text)), UnreadableFile)
        return
    read = whole(read_json(text))
    assert isinstance(read, JsonRead)
    assert _same(read.value, expected)


def _same(one: object, other: object) -> bool:
    """A long integer is a float here, and no number equals itself that is none."""
    if isinstance(one, float) or isinstance(other, float):
        return repr(_as_float(one)) == repr(_as_float(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and type(one) is type(other)


def _as_float(value: object) -> float:
    assert isinstance(value, int | float)
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _names(count: int) -> bytes:
    return b", ".join(b'"%%%d": 1' % number for number in range(count))


WAYS = [
    {"to": f"step_{place}", "automatic": True, "on": {"when": [{"sign": "spo2", "op": "lt", "value": 500}] * 4}}
    for place in range(1, 9)
]
MANY_STEPS = {
    "checklist": ["\x01" * 900] * 100,
    "steps": [{"title": "\x01" * 300, "note": "\x01" * 1500, "transitions": WAYS} for _ in range(100)],
}
LARGE = 5 * 1024 * 1024
_TIMES = 3
# The rule is counted: those that are cut least are read in 41 pieces, whatever the machine does meanwhile.
_FEWEST_PIECES = 40
# That no piece is far longer than the others is measured, with room for a machine whose memory is busy: alone the
# longest takes three loops. The files take from two, for which nobody waits, to 220.
_MOST_LOOPS = 20
HOSTILE = {
    "brackets": b"[" * LARGE,
    "empty lists": b"[" + b"[]," * (LARGE // 3),
    "blanks": b"{" + b" " * LARGE,
    "escapes": b"[" + b'"\\u00e9",' * 50_000 + b"1]",
    "wide": ('["' + "\N{GRINNING FACE}é" * (LARGE // 6)).encode(),
    "tags": b"<scenario>" + b"<a/>" * (LARGE // 4),
    "attributes": b"<scenario " + b" ".join(b'a%d="1"' % number for number in range(300_000)) + b">",
    "texts": b"<scenario><header><title>" + b"&amp;" * 100_000 + b"</title></header><init/></scenario>",
    "cipher": b".ii:t1\nAA\n" + b"QUJD" * (LARGE // 64),
    "strange names": b'{"sim_mode": "alive", "heart_rate": 1, ' + _names(20_000) + b"}",
    "strange flags": b'{"format": "shiller-case", "version": 1, "templates": [{"flags": {' + _names(20_000) + b"}}]}",
    "strange blocks": b"> Begin: Scenario\n" + b"> Begin: Step\n> End: Step\n" * 9_900,
    "scenes": b"<scenario>" + b"<scene><id>1</id><triggers/></scene>" * 6_000 + b"</scenario>",
    "many steps": json.dumps(own_file(*[MANY_STEPS] * 2)).encode(),
    "lines": b"> Begin: X\n" + b"a:b\n" * 19_000,
}


def test_no_file_holds_the_processor_for_longer_than_a_few_milliseconds() -> None:
    """Measured by a plain loop of the same moment, which takes some: others use the machine too. A piece may be slow by
    chance, not each time.
    """
    gc.collect()
    # Its rounds through everything that the other tests have left are not the importers' work.
    gc.disable()
    try:
        _expect_short_pieces()
    finally:
        gc.enable()


def _expect_short_pieces() -> None:
    for name, body in HOSTILE.items():
        runs = [_pieces(body) for _ in range(_TIMES)]
        assert len(runs[0]) >= _FEWEST_PIECES, name
        # A file is read in the same pieces each time: what is slow by chance is another piece.
        longest = max(min(piece) for piece in zip(*runs, strict=True))
        assert longest < _MOST_LOOPS * min(_plain_loop() for _ in range(_TIMES)), name


def _plain_loop() -> float:
    started, total = time.thread_time(), 0
    for number in range(50_000):
        total += number
    return time.thread_time() - started


def _pieces(body: bytes) -> list[float]:
    """What each piece of reading it takes of the processor, in seconds."""
    reading, pieces, is_read = import_cases(body), list[float](), False
    while not is_read:
        started = time.thread_time()
        try:
            next(reading)
        except StopIteration:
            is_read = True
        pieces.append(time.thread_time() - started)
    return pieces


def judge(body: bytes) -> ImportedCases:
    """Whatever comes in: an outcome, whose words can be written down."""
    outcome = whole(import_cases(body))
    assert outcome.report
    for entry in outcome.report:
        assert json.dumps(entry.as_json(), ensure_ascii=False, allow_nan=False).encode()
        assert entry.message
    for content in outcome.templates:
        assert json.dumps(content.as_json(), ensure_ascii=False, allow_nan=False).encode()
    return outcome


VALID = every_valid_file()
INSIDE = {name: body for name, body in VALID.items() if name != "infirmary_integrated"} | {
    "infirmary_integrated": b"> Begin: Scenario\n> Begin: Step\nUUID:a\nName:b\n> Begin: Physiology\nHR:80\nT:37,2\n"
    b"Cardiac_Rhythm:Asystole\n> End: Physiology\n> Begin: Progression\nUUID:p\nDestinationUUID:a\n> End: Progression\n"
    b"DefaultProgression:p\nProgressTime:5\n> End: Step\n> Begin: DeviceMonitor\n> Begin: Alarms\nHR True 1 2 High\n"
    b"> End: Alarms\n> End: DeviceMonitor\n> End: Scenario\n"
}
NONSENSE = [
    b"NaN",
    b"1e999",
    b"-1e999",
    b"9" * 90,
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'"\\ud800"',
    b'"\\u0000"',
    b"0",
    b'""',
]


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_get_an_outcome(body: bytes) -> None:
    for head in (b"", b".ii:t1\n", b"> Begin: Scenario\n", b"<scenario>", b'{"sim_mode":'):
        judge(head + body)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_valid_files_with_some_bytes_changed_get_an_outcome(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([*VALID.values(), INSIDE["infirmary_integrated"]])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "double"])):
            case "change":
                body[at] = data.draw(st.integers(0, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 30))]
            case "insert":
                body[at:at] = data.draw(st.sampled_from(NONSENSE))
            case _:
                body += body[at : at + 200]
        if not body:
            break
    judge(bytes(body))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["medical_monitor", "gas_notes", "shiller"]), st.data())
def test_valid_json_with_other_values_in_it_gets_an_outcome(tool: str, data: st.DataObject) -> None:
    tree = json.loads(VALID[tool])
    for _ in range(data.draw(st.integers(1, 4))):
        place, name = data.draw(st.sampled_from(_places(tree)))
        wild = data.draw(
            st.one_of(json_values, st.sampled_from([math.nan, math.inf, 10**30, -1, "37,2", [[]], {"x": {}}]))
        )
        if data.draw(st.booleans()) and isinstance(place, dict):
            place[data.draw(st.text(max_size=5))] = wild
        else:
            place[name] = wild
    judge(json.dumps(tree).encode())


WILD_TEXTS = [
    "",
    "NaN",
    "1e999",
    "-5",
    "37,2",
    "9" * 60,
    "2-",
    "-2-4",
    "4-2",
    "é\u2028",
    "x" * 300,
    "0",
    "1",
    "true",
    "> End:",
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_valid_xml_with_other_parts_in_it_gets_an_outcome(data: st.DataObject) -> None:
    root = ElementTree.fromstring(VET_SCENARIO)  # noqa: S314 our own text
    for _ in range(data.draw(st.integers(1, 5))):
        parts = list(root.iter())
        part, other = data.draw(st.sampled_from(parts)), data.draw(st.sampled_from(parts))
        match data.draw(st.sampled_from(["text", "name", "copy", "empty"])):
            case "text":
                part.text = data.draw(st.sampled_from(WILD_TEXTS))
            case "name":
                part.tag = other.tag
            case "copy":
                part.append(deepcopy(other))
            case _:
                part[:] = []
    judge(ElementTree.tostring(root))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_valid_scenarios_with_other_lines_in_them_get_an_outcome(data: st.DataObject) -> None:
    lines = a_scenario().splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["value", "cut", "copy", "move"])):
            case "value":
                lines[at] = f"{lines[at].partition(':')[0]}:{data.draw(st.sampled_from(WILD_TEXTS))}"
            case "cut":
                del lines[at : at + data.draw(st.integers(1, 3))]
            case "copy":
                lines[at:at] = lines[at : at + 8]
            case _:
                lines.append(lines.pop(at))
        lines = lines or [""]
    judge("\n".join(lines).encode())


def _places(tree: object) -> list[tuple[dict[str, object] | list[object], object]]:
    """Each member of each object and list."""
    found: list[tuple[dict[str, object] | list[object], object]] = []
    layer = [tree]
    while layer:
        members = layer.pop()
        names = list(members) if isinstance(members, dict) else range(len(members)) if isinstance(members, list) else ()
        for name in names:
            found.append((members, name))
            layer.append(members[name])
    return found
