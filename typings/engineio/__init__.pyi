"""The part of python-engineio 4.15 that Shiller uses; the library has no types of its own."""

from engineio import packet as packet
