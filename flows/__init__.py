"""The core: one flow, as data, and the pure functions that take a person through it.

Nothing here reads a clock, a network, a database or the environment.
The data files beside the modules are read once, when a process starts.
"""
