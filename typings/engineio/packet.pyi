NOOP: int

class Packet:
    def __init__(self, packet_type: int) -> None: ...
