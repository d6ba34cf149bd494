"""Frames that no well-behaved client sends: answered or ignored, and the same connection lives on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.raw import RawWebSocket
from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_frames import RawLine

# Not Engine.IO, not Socket.IO, or not JSON. {ns} is the namespace that the connection is on.
JUNK: list[str | bytes] = [
    "", "x", "hello", "{}", "9", "99", "7", "8", "0", "00", "0{}", "é", "😀", " ", "\n", "-1", "2probe", "3", "3x", "6",
    "b", "bAAAA", "b!!!!", "bq", "5", "5x", "4", "40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "4x", "4é",
    "42{", "42[", "42]", "42[]", "42{}", '42["x"', '42["x"]', '42"x"', "425", "42null", "42[5]", "42[null]", "42[[]]",
    '42["clock:read",{}]', '425["clock:read",{}]', '42["connect"]', '42["disconnect"]', "42/", "42/,", "42/nope",
    '42/nope,["x"]', '42/nope,7["x"]', "42/{", "42{ns}", "42{ns},", "42{ns},[", "42{ns},{", "42{ns},[]", "42{ns},{}",
    "42{ns},5", "42{ns},null", '42{ns},"x"', "42{ns},[5]", "42{ns},[null]", "42{ns},[[]]", "42{ns},[{}]",
    '42{ns},["x"', '42{ns}["x"]', '42{ns},["connect"]', '42{ns},["disconnect"]', '42{ns},["disconnect","x"]',
    '42{ns},["clock:read"', '42{ns},["clock:read",', '42{ns}?a=b,["clock:read",{}]', '42{ns},-1["clock:read",{}]',
    "451-", "451-{ns},", '451-["x"]', '451-{ns},["x",{{"_placeholder":true,"num":0}}]', "45-", "45", "45{ns},",
    '459999999-{ns},["x",{{"_placeholder":true,"num":0}}]', '451-{ns},1["vitals:push",{{"_placeholder":true}}]',
    "461-{ns},1[]", "43{ns},1[]", "43{ns},", "43{ns},99[{{}}]", "44{ns},", '44{ns},{{"message":"x"}}', "43", "44x",
    "40/trainer,{{bad", "40/trainee,{{bad", "40/nope,", "40/nope,{{}}", "40/,", "40/", "40,", "40{{}}",
    '40{{"token":5}}', "40/trainer,5", '40/trainer,"x"', "40/trainer,[]", "40/trainer,null", "40/trainee,[]",
    "40/trainee,{{}}", "41/nope,", "41/", "49{ns},", "4" * 5000, "[" * 5000, "42{ns}," + "[" * 50_000,
    "42{ns},1" + "9" * 5000,
    b"", b"x", b"\x00", b"\xff\xfe", b'4["x"]', b'42["clock:read",{}]', b"\x04" * 5000, b"2", b"1",
]  # fmt: skip


async def _line(world: World, namespace: str) -> tuple[RawLine, Json]:
    session = await (await world.person("trainer")).open_session()
    auth: Json = {"token": world.tokens["trainer"]}
    if namespace == "/trainee":
        auth = {"code": session["code"], "name": "Junk"}
    return await RawLine(world, namespace, auth).connect(), session


@pytest.mark.parametrize("namespace", ["/trainer", "/trainee"])
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: f"{junk!r:.45}")
async def test_a_junk_frame(memory_world: World, namespace: str, junk: str | bytes) -> None:
    line, session = await _line(memory_world, namespace)
    if isinstance(junk, str):
        junk = junk.replace("{ns}", namespace).replace("{{", "{").replace("}}", "}")
    await line.write(junk)
    assert await line.is_alive()
    assert not [frame for frame in line.frames if frame.startswith("41")]
    trainer = await memory_world.person("trainer")
    assert await trainer.events(session) == []


async def test_all_the_junk_on_one_connection(world: World) -> None:
    for namespace in ("/trainer", "/trainee"):
        line, _ = await _line(world, namespace)
        for junk in JUNK:
            if isinstance(junk, str):
                junk = junk.replace("{ns}", namespace).replace("{{", "{").replace("}}", "}")
            await line.write(junk)
        assert await line.is_alive()


@pytest.mark.parametrize(
    "payload",
    [
        "", "[", "{", "[]", "{}", "null", '"x"', "[5]", "[null]", "[[]]", "[{}]", '["x"', "['x']", '["x",]', "x",
        "[x]", '["vitals:push",', '["vitals:push",{"id":]', "[" * 5000,
        '["vitals:push",' + "[" * 30_000 + "]" * 30_000 + "]",
        '["vitals:push",' + '{"a":' * 9000 + "1" + "}" * 9000 + "]", '["note:add",' + "9" * 6000 + "]",
        '["connect",{}]', '["disconnect","x"]', '["connect_error"]', '["",{}]', '["nope"]', '["nope",1,2,3]',
        '["vitals:push"]', '["vitals:push",null]', '["vitals:push",NaN]', '["vitals:push",{}]', '["vitals:push",[],{}]',
        '["session:watch",{"session_id":null}]', '["\\ud800",{}]', '["note:add",{"text":"\\ud800"}]',
    ],
    ids=lambda payload: f"{payload:.40}",
)  # fmt: skip
async def test_a_message_with_an_ack_is_always_acknowledged(memory_world: World, payload: str) -> None:
    for namespace in ("/trainer", "/trainee"):
        line, _ = await _line(memory_world, namespace)
        ack = await line.ask(payload)
        assert ack["ok"] is False
        assert set(ack) == {"ok", "error"}
        assert ack["error"]["detail"]
        assert ack["error"]["code"] in ("invalid_body", "invalid_fields", "not_found", "forbidden", "too_large")
        assert await line.is_alive()


@pytest.mark.parametrize("size", [200_000, 1_000_000])
async def test_a_message_that_is_too_large(world: World, size: int) -> None:
    for namespace, message in (("/trainer", "note:add"), ("/trainee", "action:take"), ("/trainer", "nope")):
        line, session = await _line(world, namespace)
        data: Any = {"id": new_id(), "session_id": session["id"], "text": "x" * size}
        ack = await line.ask(json.dumps([message, data]))
        assert ack["ok"] is False
        assert ack["error"]["code"] == "too_large"
        assert await line.is_alive()


@pytest.mark.parametrize("payload", [b"", b"\x00\x01", b"x" * 10_000])
async def test_a_binary_message_is_acknowledged(memory_world: World, payload: bytes) -> None:
    """As a client's library sends it when a program puts bytes into a message."""
    session = await (await memory_world.person("trainer")).open_session()
    line, trainee = await memory_world.watch(session), await memory_world.join(session)
    for one, message in ((line, "vitals:push"), (line, "note:add"), (trainee, "action:take"), (line, "nope")):
        for data in (payload, {"id": new_id(), "text": payload}, [payload, payload]):
            error = await one.refused(message, data)
            assert error["code"] in ("invalid_body", "invalid_fields", "not_found")
        await one.clock()


async def test_a_message_of_who_is_not_in_the_namespace_is_acknowledged(memory_world: World) -> None:
    """Not yet, not here, and not any more."""
    session = await (await memory_world.person("trainer")).open_session()
    auth = json.dumps({"token": memory_world.tokens["trainer"], "code": session["code"], "name": "Ann"})
    for here, elsewhere in (("/trainer", "/trainee"), ("/trainee", "/trainer")):
        line = await RawWebSocket.open(memory_world.url)
        await line.read_until("0{")
        await line.send(f'42{here},7["clock:read",{{}}]')
        await _refused_as_absent(line, f"43{here},7")
        await line.send(f"40{here},{auth}")
        await line.read_until(f"40{here},")
        await line.send(f'42{here},8["clock:read",{{}}]')
        assert '"ok":true' in (await line.read_until(f"43{here},8"))[-1]
        await line.send(f'42{elsewhere},9["clock:read",{{}}]')
        await _refused_as_absent(line, f"43{elsewhere},9")
        await line.send(f"41{here},")
        await line.send(f'42{here},10["clock:read",{{}}]')
        await _refused_as_absent(line, f"43{here},10")
        line.leave()


@pytest.mark.parametrize("sent", ['2{ns},7["nope"]', "2{ns},7x", '2{ns}?a=b,7["x"]', '51-{ns},7["x"]', "5{ns},7[]"])
async def test_so_is_whatever_else_it_sends(memory_world: World, sent: str) -> None:
    """What cannot be read, what is binary, and what names the namespace in another way."""
    for namespace in ("/trainer", "/trainee"):
        line = await RawWebSocket.open(memory_world.url)
        await line.read_until("0{")
        await line.send("4" + sent.replace("{ns}", namespace))
        await _refused_as_absent(line, f"43{namespace},7")
        line.leave()


@pytest.mark.parametrize(
    ("sent", "start"),
    [
        ('42/nope,7["x"]', "43/nope,7"),
        ('42/nope?a=b,7["x"]', "43/nope,7"),
        ('427["clock:read",{}]', "437"),
        ("42/,7x", "437"),
    ],
)
async def test_and_so_is_what_it_sends_where_nobody_could_be(memory_world: World, sent: str, start: str) -> None:
    line, _ = await _line(memory_world, "/trainer")
    await line.write(sent)
    (ack,) = json.loads((await line.expect(start)).removeprefix(start))
    assert ack["ok"] is False
    assert ack["error"]["code"] == "not_found"
    assert await line.is_alive()


async def _refused_as_absent(line: RawWebSocket, start: str) -> None:
    (ack,) = json.loads((await line.read_until(start))[-1].removeprefix(start))
    assert ack["ok"] is False
    assert ack["error"]["code"] == "unauthenticated"


async def test_a_second_connect_on_the_same_line_changes_nothing(memory_world: World) -> None:
    for namespace in ("/trainer", "/trainee"):
        line, session = await _line(memory_world, namespace)
        good = {"token": memory_world.tokens["trainer"], "code": session["code"]}
        for auth in (good, {"token": "x", "code": "x"}, {}, 5):
            await line.write(f"40{namespace},{json.dumps(auth)}")
        assert await line.is_alive()
        refused = [json.loads(frame.partition(",")[2]) for frame in line.frames if frame.startswith(f"44{namespace},")]
        assert [each["data"]["code"] for each in refused] == ["conflict"] * 4
        assert all(each["message"] == each["data"]["detail"] for each in refused)


async def test_a_namespace_that_is_none_is_not_found(memory_world: World) -> None:
    line = await RawWebSocket.open(memory_world.url)
    await line.read_until("0{")
    await line.send("40/nope,{}")
    refused = json.loads((await line.read_until("44/nope,"))[-1].removeprefix("44/nope,"))
    assert refused["data"]["code"] == "not_found"
    assert "/trainer" in refused["message"]
    line.leave()


@pytest.mark.parametrize("size", [60_000, 100_000, 200_000])
async def test_an_auth_that_is_too_long_is_refused_and_the_line_goes_on(memory_world: World, size: int) -> None:
    """Also one that comes more slowly than it is sent, for who has not joined may send little."""
    for namespace, named, code in (("/trainer", "token", "unauthenticated"), ("/trainee", "code", "not_found")):
        session = await (await memory_world.person("trainer")).open_session()
        line = RawLine(memory_world, namespace, {named: "x" * size})
        refused = await line.refusal()
        assert refused["data"]["code"] == code
        assert refused["message"] == refused["data"]["detail"]
        good = {"token": memory_world.tokens["trainer"], "code": session["code"]}
        await line.write(f"40{namespace},{json.dumps(good)}")
        await line.expect(f"40{namespace},")
        assert await line.is_alive()


async def test_both_namespaces_on_one_line(memory_world: World) -> None:
    line, session = await _line(memory_world, "/trainer")
    await line.write(f"40/trainee,{json.dumps({'code': session['code'], 'name': 'Self'})}")
    await line.expect('42/trainee,["session:joined"')
    assert await line.is_alive()


async def test_a_client_that_hangs_up_without_a_word(world: World) -> None:
    for namespace in ("/trainer", "/trainee"):
        line, _ = await _line(world, namespace)
        await line.write(f'42{namespace},1["clock:read",{{}}]')
        await line._socket.close(code=1001)
        late, _ = await _line(world, namespace)
        await late.write("1")
    assert await (await _line(world, "/trainer"))[0].is_alive()
