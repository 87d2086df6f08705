"""Lets the tests of this folder import their decoder, and that of the rows it rests on."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "json_rows")]
