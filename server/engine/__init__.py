"""Engine.IO 4 for python-socketio, under uvicorn: fast, and bounded for every connection.

Where to look: a frame is read in `frames.py` and `websocket.py`, which also bounds how much and how often; a polled
body in `polling.py`; a connection's packets and its end in `connection.py`; what waits for a client that does not read
in `outgoing.py`; pings and the ends by time in `heartbeat.py`; the bounds that may be set in `settings.py`. `server.py`
is what python-socketio sees. Nothing in here knows what Shiller is.
"""
