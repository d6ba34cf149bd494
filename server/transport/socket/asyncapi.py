"""The Socket.IO messages as an AsyncAPI 3.0 document, made from the dispatch table."""

from __future__ import annotations

from server import __version__
from server.transport.socket.messages import AUTHS, CLIENT_MESSAGES, SERVER_MESSAGES
from server.transport.wire.components import Document, Shapes
from server.transport.wire.shapes import RefusedAck


def asyncapi_document(public_url: str) -> Document:
    shapes = Shapes()
    refused = shapes.reference(RefusedAck)
    channels: dict[str, Document] = {}
    operations: dict[str, Document] = {}
    for namespace, sent in CLIENT_MESSAGES.items():
        name = namespace.removeprefix("/")
        messages: dict[str, Document] = {}
        for message, about in sent.items():
            messages[message] = {
                "name": message,
                "summary": about.summary,
                "payload": shapes.reference(about.data),
            }
            messages[f"{message} ack"] = {
                "name": f"{message} ack",
                "payload": {"oneOf": [shapes.reference(about.ack), refused]},
            }
            operations[f"{name} sends {message}"] = {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": about.summary,
                "messages": [_message_reference(name, message)],
                "reply": {
                    "channel": {"$ref": f"#/channels/{name}"},
                    "messages": [_message_reference(name, f"{message} ack")],
                },
            }
        for message, about in SERVER_MESSAGES[namespace].items():
            messages[message] = {
                "name": message,
                "summary": about.summary,
                "payload": shapes.reference(about.data),
            }
            operations[f"{name} gets {message}"] = {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": about.summary,
                "messages": [_message_reference(name, message)],
            }
        channels[name] = {
            "address": namespace,
            "description": f"Socket.IO namespace `{namespace}` at /socket.io (Engine.IO 4). "
            "Every message that a client sends is acknowledged.",
            "messages": messages,
            "bindings": {"ws": {"headers": shapes.reference(AUTHS[namespace])}},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Shiller, Socket.IO messages", "version": __version__},
        "servers": {"this": _server(public_url)},
        "channels": channels,
        "operations": operations,
        "components": {"schemas": shapes.components},
    }


def _message_reference(channel: str, message: str) -> Document:
    return {"$ref": f"#/channels/{channel}/messages/{message.replace('/', '~1')}"}


def _server(public_url: str) -> Document:
    scheme, _, host = public_url.partition("://")
    return {"host": host, "protocol": "wss" if scheme == "https" else "ws", "pathname": "/socket.io"}
