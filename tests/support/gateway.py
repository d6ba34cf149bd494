"""A reverse proxy in front of a server, as schools have them: one that can fail, and lose answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator
from typing import Literal

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

# What belongs to one hop only, and what aiohttp writes anew.
_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
# A Socket.IO message of /trainer that asks for an ack.
_ASKING = re.compile(r'42/trainer,(\d+)\["(?:vitals:push|note:add)",(.*)\]$', re.DOTALL)
_BROKEN = {"ok": False, "error": {"code": "internal_error", "detail": "Something broke."}}

Mood = Literal["well", "fails", "loses an answer", "gone"]


class Gateway:
    """Passes everything on, but treats pushes and notes (over HTTP or the socket) as its `mood` says.

    - `fails`: answers in the server's place that something broke, as soon as `may_answer` is set, which it is.
    - `loses an answer`: lets the next one through to the server and nothing back, and is gone then.
    - `gone`: takes part in nothing.

    `asked` holds the id of every push and note that came by, once for each time that it came.
    """

    def __init__(self, target_url: str, *, has_sockets: bool) -> None:
        self._target = target_url
        self._has_sockets = has_sockets
        self.mood: Mood = "well"
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.url = ""
        self._client: aiohttp.ClientSession | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[Gateway]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as self._client:
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.mood == "gone":
            return _cut(request)
        if request.path.startswith("/socket.io"):
            if not self._has_sockets:
                raise web.HTTPNotFound
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._pass_messages(request)
        body = await request.read()
        is_change = request.method == "POST" and request.path.endswith("/events")
        if is_change:
            self.asked.append(json.loads(body)["id"])
        if is_change and self.mood == "fails":
            await self.may_answer.wait()
            raise web.HTTPInternalServerError(text="Something broke.")
        answer, read = await self._ask(request, body)
        if is_change and self.mood == "loses an answer":
            self.mood = "gone"
        if self.mood == "gone":
            return _cut(request)
        headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in _HOP)
        return web.Response(status=answer.status, body=read, headers=headers)

    async def _ask(self, request: web.Request, body: bytes) -> tuple[aiohttp.ClientResponse, bytes]:
        assert self._client is not None
        url = f"{self._target}{request.path_qs}"
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP]
        async with self._client.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            return answer, await answer.read()

    async def _pass_messages(self, request: web.Request) -> web.WebSocketResponse:
        assert self._client is not None
        browser = web.WebSocketResponse()
        await browser.prepare(request)
        headers = {name: request.headers[name] for name in ("Host", "Origin", "Cookie") if name in request.headers}
        async with self._client.ws_connect(f"{self._target}{request.path_qs}", headers=headers) as server:

            async def pass_asked() -> None:
                async for message in browser:
                    asking = _ASKING.match(message.data)
                    if asking:
                        self.asked.append(json.loads(asking[2])["id"])
                    if asking and self.mood == "loses an answer":
                        self.mood = "gone"
                    if asking and self.mood == "fails":
                        await self.may_answer.wait()
                        await browser.send_str(f"43/trainer,{asking[1]}{json.dumps([_BROKEN])}")
                    else:
                        await server.send_str(message.data)

            async def pass_told() -> None:
                async for message in server:
                    if self.mood == "gone":
                        return
                    await browser.send_str(message.data)

            both = [asyncio.ensure_future(pass_asked()), asyncio.ensure_future(pass_told())]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        _cut(request)
        return browser


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=502)
