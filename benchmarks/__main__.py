"""`python -m benchmarks [NAME…]`: every table, or the named ones."""

import importlib
import sys

TABLES = (
    "sessions",
    "kinds",
    "latency",
    "json_fold",
    "logs",
    "listing",
    "build_output",
    "web_pages",
    "search",
    "diff",
    "code_files",
    "prose",
    "table",
    "tokens",
    "store",
    "speed",
    "hostile",
    "install",
    "proxy",
    "billing",
    "epochs",
    "dashboard",
)

for name in sys.argv[1:] or TABLES:
    print(f"\n# {name}")
    importlib.import_module(f"benchmarks.{name}").main()
