"""The durable log of turns: the only package that speaks SQL.

Nothing outside it sees a driver, a statement or a row; what goes wrong comes out as `StoreError`.
"""
