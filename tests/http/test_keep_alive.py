"""Who closes an idle connection first: never the server, or a question is lost that may or may not have arrived."""

from __future__ import annotations

from server.commands.serve import web_server_config
from server.config import read_config
from tests.support.running import running_server

# What nginx keeps an idle connection to a server behind it for, and the longest of the clients that were looked at.
NGINX_KEEPS_SECONDS = 60


async def test_an_idle_connection_is_kept_longer_than_those_who_ask_keep_it() -> None:
    async with running_server() as it:
        config = web_server_config(read_config({"USE_IN_MEMORY": "true"}), it.app)
    assert config.timeout_keep_alive > NGINX_KEEPS_SECONDS
