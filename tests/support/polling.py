"""The HTTP of a Socket.IO client that polls."""

from __future__ import annotations

from typing import Any

import aiohttp


class PollingHttp:
    """aiohttp's session for a client that polls: the library leaves answers unread, whose connections then leak."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession()

    async def get(self, url: str, **options: Any) -> aiohttp.ClientResponse:
        return await self._read(self._session.get(url, **options))

    async def post(self, url: str, **options: Any) -> aiohttp.ClientResponse:
        return await self._read(self._session.post(url, **options))

    async def _read(self, request: Any) -> aiohttp.ClientResponse:
        response: aiohttp.ClientResponse = await request
        await response.read()
        return response

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def close(self) -> None:
        await self._session.close()
