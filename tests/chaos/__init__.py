"""Kills what runs, at any moment and under load, and counts what came of it.

`./dev chaos` runs it at length and writes docs/durability.md; tests/test_chaos.py runs a part.
"""
