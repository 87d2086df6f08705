"""Measurements of the tables in docs/benchmarks.md. Never assertions: those are in tests/."""
