"""What stands before the app on every connection: bounds on heads, bodies, pipelining and on connections themselves.

A server in a hall has no proxy in front of it. `front.py` is what uvicorn is given as `http`; `door.py` says who is
let in, and looks once a second whose time is up; `connection.py` is uvicorn's HTTP protocol with these bounds; `tls.py`
is before it where HTTPS is served; `names.py` judges `Host`; `proxies.py` knows whom to believe; `limits.py` has every
bound, `refusals.py` every answer. Nothing of Shiller is imported: what happens is told to a `Note`.
"""
