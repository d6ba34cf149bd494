"""What stands before the app on every connection: bounds on heads, bodies, pipelining and on connections themselves.

A server in a hall has no proxy in front of it. `front.py` says who is let in and looks once a second whose time is up;
`connection.py` is uvicorn's HTTP protocol with these bounds (its public setting `http`); `names.py` judges `Host`;
`proxies.py` knows whom to believe; `refusals.py` has every answer that is given here. Nothing of Shiller is imported:
what happens is told to a `Note`.
"""
