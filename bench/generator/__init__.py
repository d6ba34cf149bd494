"""A load generator that costs little: one loop, raw WebSocket frames, nothing parsed that is not looked at."""
