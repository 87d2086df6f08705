"""Evaluations: what compression saves and what it keeps, measured on conversations."""

from headroom.evals.figures import Content, Figures
from headroom.evals.runner import replayed

__all__ = ["Content", "Figures", "replayed"]
