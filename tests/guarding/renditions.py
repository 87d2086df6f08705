"""Edits made of the golden cases of the compressors, and of a conversation with references."""

import functools
import hashlib
import json
import sys
from pathlib import Path

from headroom.compressors import built_in
from headroom.edits import Edit, Fidelity
from headroom.engine import Engine
from headroom.policy import BALANCED
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire import OPENAI_CHAT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases" / "compressors"
_REF = "abcdefgh"


def ref_of(name):
    """A ref that stands in no file of ours."""
    digits = hashlib.sha256(name.encode()).digest()
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[digit % 32] for digit in digits[:12])


@functools.cache
def golden():
    """An edit for each golden case, by `compressor/case`."""
    found = {}
    for case in sorted(path.parent for path in CASES.glob("*/*/case.toml")):
        about = tomllib.loads((case / "case.toml").read_text("utf-8"))
        before = (case / "input.txt").read_bytes().decode("utf-8")
        after = (case / "expected.txt").read_bytes().decode("utf-8")
        name = f"{case.parent.name}/{case.name}"
        after, ref = after.replace(_REF, ref_of(name)), ref_of(name)
        refs = (ref,) if ref in after else ()
        lossless = Fidelity.RECOVERABLE if refs else Fidelity.LOSSLESS
        assert about
        found[name] = Edit((name,), before, after, case.parent.name, lossless, refs, 0, 0)
    return found


@functools.cache
def referring():
    """The edits of a conversation that reads our own files, some of them again."""
    messages = [{"role": "user", "content": "Look."}]
    sources = sorted((ROOT / "src" / "headroom").glob("*.py"))[:12]
    for number, path in enumerate([*sources, *sources[:4]]):
        lines = path.read_text("utf-8").split("\n")
        changed = [*lines[:3], f"# once more {number}", *lines[3:]]
        text = "\n".join(f"{row:>6}\t{line}" for row, line in enumerate(changed, 1))
        call = {"name": "Read", "arguments": json.dumps({"file_path": str(path.name)})}
        messages += [
            {"role": "assistant", "tool_calls": [{"id": f"c{number}", "function": call}]},
            {"role": "tool", "tool_call_id": f"c{number}", "content": text},
        ]
    engine = Engine(built_in(), counter_for("gpt-4o"), BALANCED, InMemoryStore())
    return engine.decide(OPENAI_CHAT.parse_messages(messages)).edits
