"""Shiller: a realtime server for clinical training."""

__version__ = "0.1.0"
