"""`python -m headroom` is the `headroom` command."""

from headroom.cli import main

main()
