"""A bare broadcast on picows: the same texts over WebSocket, and nothing else.

No Engine.IO, no acknowledgement that says anything, no storage, no heartbeat, no checks: what is left is the least
that Python pays for a push that reaches everybody.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server


class Session:
    def __init__(self) -> None:
        self.last_values: dict[str, Any] = json.loads(os.environ["START_VALUES"])
        self.last_seq = 0
        self.trainees: set[WSTransport] = set()


sessions: defaultdict[str, Session] = defaultdict(Session)


class Trainee(WSListener):
    def __init__(self, session_id: str) -> None:
        self._id, self._session = session_id, sessions[session_id]

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._session.trainees.add(transport)
        joined = {"session": {"id": self._id, "last_values": self._session.last_values}}
        transport.send(WSMsgType.TEXT, f'42/trainee,["session:joined",{write(joined)}]'.encode())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._session.trainees.discard(transport)


class Trainer(WSListener):
    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, b"40/trainer,")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        text = frame.get_payload_as_utf8_text()
        begins = text.index("[")
        data = json.loads(text[begins:])[1]
        session = sessions[data["session_id"]]
        values = session.last_values
        kept = {name: flag for name, flag in {**values["flags"], **data["flags"]}.items() if flag is not None}
        session.last_values = {**values, **data["vitals"], "flags": kept}
        session.last_seq += 1
        pushed = {
            "session_id": data["session_id"],
            "seq": session.last_seq,
            "at": datetime.now(UTC).isoformat(),
            "last_values": session.last_values,
        }
        message = f'42/trainee,["vitals:pushed",{write(pushed)}]'.encode()
        for trainee in session.trainees:
            trainee.send(WSMsgType.TEXT, message)
        transport.send(WSMsgType.TEXT, f'43{text[2:begins]}[{{"ok":true}}]'.encode())


def write(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def listener(request: WSUpgradeRequest) -> WSListener:
    who = parse_qs(urlsplit(request.path.decode()).query)
    return Trainer() if "token" in who else Trainee(who["code"][0])


async def main() -> None:
    server = await ws_create_server(listener, "127.0.0.1", int(os.environ["PORT"]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
