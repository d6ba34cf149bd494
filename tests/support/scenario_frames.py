"""A websocket without a library's manners: frames written as they are."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, World


class RawLine:
    """An Engine.IO connection on one namespace, spoken by hand."""

    def __init__(self, world: World, namespace: str, auth: Any):
        self._url = world.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self._world = world
        self._auth = auth
        self._next_id = 1000
        self.namespace = namespace
        self.frames: list[str] = []

    async def connect(self) -> RawLine:
        await self._knock()
        await self.expect(f"40{self.namespace},")
        return self

    async def refusal(self) -> Json:
        """Instead of `connect`: what the auth is refused with."""
        await self._knock()
        start = f"44{self.namespace},"
        return json.loads((await self.expect(start)).removeprefix(start))

    async def _knock(self) -> None:
        http = await self._world.stack.enter_async_context(aiohttp.ClientSession())
        self._socket = await self._world.stack.enter_async_context(http.ws_connect(self._url, max_msg_size=0))
        assert (await self._read()).startswith("0{")
        await self.write(f"40{self.namespace},{json.dumps(self._auth)}")

    async def write(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            await self._socket.send_bytes(frame)
        else:
            await self._socket.send_str(frame)

    async def expect(self, start: str) -> str:
        """The next frame that begins so; everything on the way is kept in `frames`."""
        while True:
            frame = await self._read()
            self.frames.append(frame)
            if frame.startswith(start):
                return frame

    async def ask(self, payload: str) -> Json:
        """Send a message written as JSON text, with an ack id of ours, and return the ack."""
        self._next_id += 1
        await self.write(f"42{self.namespace},{self._next_id}{payload}")
        start = f"43{self.namespace},{self._next_id}"
        answer = await self.expect(start)
        acked = json.loads(answer[len(start) :])
        assert isinstance(acked, list)
        assert len(acked) == 1
        return acked[0]

    async def is_alive(self) -> bool:
        """The same connection answers."""
        ack = await self.ask('["clock:read",{}]')
        return ack["ok"] is True and "server_time" in ack

    async def _read(self) -> str:
        while True:
            message = await asyncio.wait_for(self._socket.receive(), PATIENCE_SECONDS)
            assert message.type is aiohttp.WSMsgType.TEXT, (message.type, message.data, message.extra)
            frame: str = message.data
            if frame != "2":
                return frame
            await self.write("3")
