from typing import Any

CONNECT: int
DISCONNECT: int
EVENT: int
ACK: int
CONNECT_ERROR: int
BINARY_EVENT: int
BINARY_ACK: int

class Packet:
    uses_binary_events: bool
    json: Any
    packet_type: int
    def __init__(self, *arguments: Any, encoded_packet: Any = None, **options: Any) -> None: ...
    def decode(self, encoded_packet: Any) -> int: ...
