"""`python -m headroom.evals` is `headroom evals`."""

from headroom.cli import run
from headroom.cli.evals import evals

if __name__ == "__main__":
    run(evals, "python -m headroom.evals")
