"""The built screens: one page for every address of theirs, and the files that it names.

`make` builds them from web/ into server/static; where nobody has, the plain page of pages.py stands in.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.addresses import PAGES

# Under the dashboard, what its router does not know is its first page. The last one is asked for by the service
# worker, which answers all others with it: the policy goes along.
_PATHS = (*PAGES.values(), f"{PAGES['sessions']}/{{rest:path}}", "/index.html")

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
# Named with a hash of what is in them, so they never change.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EVERY_TIME = "no-cache"


def static_folder() -> Path:
    return Path(__file__).parent.parent.parent / "static"


def screen_routes(folder: Path) -> list[BaseRoute] | None:
    """None if the screens have not been built."""
    index = folder / "index.html"
    if not index.is_file():
        return None

    async def page(request: Request) -> Response:
        return _page(index, request, 200)

    return [
        *(Route(path, page) for path in _PATHS),
        *(_file(path) for path in folder.iterdir() if path.is_file() and path != index),
        Mount("/assets", _Assets(directory=folder / "assets")),
    ]


def lost_page(folder: Path, request: Request) -> Response | None:
    """For whoever has come in a browser to an address at which there is nothing: the page to join, which says so.

    None for programs, for addresses of theirs, and if the screens have not been built.
    """
    index = folder / "index.html"
    is_looked_at = "text/html" in request.headers.get("accept", "") and request.method in ("GET", "HEAD")
    is_of_programs = request.scope["path"].startswith(("/api/", "/assets/"))
    return _page(index, request, 404) if is_looked_at and not is_of_programs and index.is_file() else None


def _page(index: Path, request: Request, status: int) -> Response:
    headers = {"Content-Security-Policy": _policy(request), "Cache-Control": _ASK_EVERY_TIME}
    return FileResponse(index, status, media_type="text/html; charset=utf-8", headers=headers)


class _Assets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = _FOR_EVER
        return response


def _file(path: Path) -> Route:
    async def answer(request: Request) -> Response:
        return FileResponse(path, headers={"Cache-Control": _ASK_EVERY_TIME})

    return Route(f"/{path.name}", answer)


def _policy(request: Request) -> str:
    """Nothing from another host. The sockets' address is named, for older Safaris do not count it as 'self'."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; media-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
