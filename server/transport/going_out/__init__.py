"""The record of a session in the languages of other systems."""
