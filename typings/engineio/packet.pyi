CLOSE: int
PING: int
MESSAGE: int
NOOP: int

class Packet:
    packet_type: int
    def __init__(self, packet_type: int = ..., data: str | None = ..., encoded_packet: str | None = ...) -> None: ...
    def encode(self) -> str | bytes: ...
