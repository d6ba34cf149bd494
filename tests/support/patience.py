"""How long a test waits for what has to come: ceilings, not waits.

On an idle machine it is there at once. One that does twenty other things takes twenty times as long, and a test that
fails for that says nothing; what never comes is found all the same.
"""

PATIENCE_SECONDS = 120.0
START_PATIENCE_SECONDS = 240.0
"""Of a program or a database that starts."""
