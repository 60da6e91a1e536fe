"""`python -m app` is the command `backline`."""

from app.cli import main

main()
