"""Measures the diff compressor: what is saved, whether every changed source line stays, the time.

The data hold `code/git_diffs.jsonl.gz` (`git show` of real commits). Diffs with lock files and
with vendored and generated files are made here: files are written by the rules of each format,
changed, and compared by git. Tokens are o200k.
"""

import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.diff import Diff
from headroom.policy import AGGRESSIVE, BALANCED, SAFE, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
ROUNDS = 7
MACHINE_MADE = ("go.sum", ".lock", "-lock.", "vendor/", "dist/", ".pb.", ".snap")
WANTED = ("+", "-", "@@", "rename ", "old mode ", "new mode ", "Binary ")
Versions = dict[str, str]
SYLLABLES = ("ka", "lo", "mi", "ra", "tu", "ne", "so", "vi", "pe", "da", "bo", "fi", "gu", "ha")


def digest(chance: random.Random, size: int = 86) -> str:
    """Letters as a hash has them."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return "".join(chance.choices(letters, k=size))


def npm(versions: Versions, chance: random.Random) -> Iterator[str]:
    """The packages of a package-lock.json."""
    for name, version in versions.items():
        yield f'    "node_modules/{name}": {{'
        yield f'      "version": "{version}",'
        yield f'      "resolved": "https://registry.example.org/{name}/-/{name}-{version}.tgz",'
        yield f'      "integrity": "sha512-{digest(chance)}==",'
        yield from ('      "license": "MIT",', '      "engines": {', '        "node": ">=18"')
        yield from ("      }", "    },")


def yarn(versions: Versions, chance: random.Random) -> Iterator[str]:
    """A yarn.lock."""
    for name, version in versions.items():
        yield f"{name}@^{version}:"
        yield f'  version "{version}"'
        address = f"https://registry.example.org/{name}/-/{name}-{version}.tgz"
        yield f'  resolved "{address}#{digest(chance, 40)}"'
        yield from (f"  integrity sha512-{digest(chance)}==", "")


def cargo(versions: Versions, chance: random.Random) -> Iterator[str]:
    """A Cargo.lock."""
    for name, version in versions.items():
        yield from ("[[package]]", f'name = "{name}"', f'version = "{version}"')
        yield 'source = "registry+https://registry.example.org/index"'
        yield from (f'checksum = "{chance.randbytes(32).hex()}"', "")


def poetry(versions: Versions, chance: random.Random) -> Iterator[str]:
    """A poetry.lock, with a hash for each wheel."""
    for name, version in versions.items():
        yield from ("[[package]]", f'name = "{name}"', f'version = "{version}"')
        yield from ('description = "A package."', "optional = false", "files = [")
        for tag in ("cp311-manylinux", "cp312-manylinux", "cp312-macosx", "cp312-win"):
            wheel = f"{name}-{version}-{tag}.whl"
            yield f'    {{file = "{wheel}", hash = "sha256:{chance.randbytes(32).hex()}"}},'
        yield from ("]", "")


def go_sum(versions: Versions, chance: random.Random) -> Iterator[str]:
    """A go.sum."""
    for name, version in versions.items():
        yield f"example.org/{name} v{version} h1:{digest(chance, 43)}="
        yield f"example.org/{name} v{version}/go.mod h1:{digest(chance, 43)}="


LOCKS: dict[str, Callable[[Versions, random.Random], Iterator[str]]] = {
    "package-lock.json": npm,
    "yarn.lock": yarn,
    "Cargo.lock": cargo,
    "poetry.lock": poetry,
    "go.sum": go_sum,
}


def source(chance: random.Random, size: int) -> list[str]:
    """Lines that look like a program."""
    words = ["".join(chance.choices(SYLLABLES, k=2)) for _ in range(60)]
    pick = chance.choice
    return [
        f"    {pick(words)}_{pick(words)} = {pick(words)}({pick(words)}, {n})" for n in range(size)
    ]


def changed(lines: list[str], chance: random.Random, times: int) -> list[str]:
    """The lines with some rewritten, dropped and added."""
    out = list(lines)
    for place in sorted(chance.sample(range(len(out)), times), reverse=True):
        out[place : place + chance.randint(1, 2)] = [out[place] + "  # new"] * chance.randint(0, 2)
    return out


def git_diff(before: dict[str, list[str]], after: dict[str, list[str]]) -> str:
    """What `git diff` prints between two trees."""
    with tempfile.TemporaryDirectory() as folder:
        for name, tree in (("a", before), ("b", after)):
            for path, lines in tree.items():
                file = Path(folder, name, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))
        command = ["git", "diff", "--no-index", "--no-prefix", "--no-color", "a", "b"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def upgrade(versions: Versions, chance: random.Random, times: int) -> Versions:
    """Some packages at another version, one new, one gone."""
    after = dict(versions)
    for name in chance.sample(sorted(versions), times):
        after[name] = f"{chance.randint(1, 9)}.{chance.randint(10, 30)}.{chance.randint(0, 9)}"
    del after[chance.choice(sorted(versions))]
    after["brand-new"] = "0.1.0"
    return dict(sorted(after.items()))


def locked(path: str, versions: Versions) -> list[str]:
    """A lock file; a package at a version always has the same hashes."""
    return [
        line
        for name, version in versions.items()
        for line in LOCKS[path]({name: version}, random.Random(f"{name} {version}"))
    ]


def with_locks() -> Iterator[tuple[str, str]]:
    """(name, diff) of a small source change with a lock file of each format."""
    for path in LOCKS:
        for times in (3, 12, 60):
            chance = random.Random(f"{path}{times}")
            names = sorted({"-".join(chance.choices(SYLLABLES, k=3)) for _ in range(300)})
            old = {name: f"1.{n % 40}.{n % 7}" for n, name in enumerate(names)}
            code = source(chance, 200)
            before = {path: locked(path, old), "src/shop.py": code}
            new = locked(path, upgrade(old, chance, times))
            after = {path: new, "src/shop.py": changed(code, chance, 6)}
            yield f"{path}, {times} moved", git_diff(before, after)


def with_vendored() -> Iterator[tuple[str, str]]:
    """(name, diff) of a source change with vendored or generated files beside it."""
    for folder, suffix in (("vendor/lib", ".go"), ("dist", ".js"), ("api", ".pb.go")):
        chance = random.Random(folder)
        before = {f"{folder}/part{n}{suffix}": source(chance, 150) for n in range(12)}
        after = {path: changed(lines, chance, 25) for path, lines in before.items()}
        code = source(chance, 200)
        yield (
            f"{folder}/*{suffix}",
            git_diff(
                {**before, "src/shop.py": code},
                {**after, "src/shop.py": changed(code, chance, 12)},
            ),
        )


def recorded() -> Iterator[tuple[str, str]]:
    """(name, diff) of the recorded commits."""
    for record in data.records("code/git_diffs.jsonl.gz"):
        yield record["repo"], record["text"]


def facts(text: str) -> list[str]:
    """What must stay visible: changed lines, hunk headers, names and modes of source files."""
    found: list[str] = []
    for part in text.split("\ndiff --git ")[1:] if "diff --git " in text else []:
        path = part.partition("\n")[0]
        if not any(
            mark in path for mark in (*LOCKS, ".lock", "-lock.", "vendor/", "dist/", ".pb.")
        ):
            if ".snap" in path:
                continue
            wanted = ("+", "-", "@@", "rename ", "old mode", "new mode", "Binary ")
            found += [line for line in part.split("\n") if line.startswith(wanted)]
    return found


def table(title: str, texts: list[tuple[str, str]], policy: Policy, *, each: bool) -> None:
    """Prints what is saved and what stays, for each text and in all."""
    print(f"\n{title}, {policy.name}")
    print(f"{'':28}{'before':>9}{'after':>9}{'saved':>8}  facts visible")
    totals = [0, 0, 0, 0]
    for name, text in texts:
        wanted = facts(f"\n{text}")
        proposal = Diff().compress(Sample(text, ref="abcdefgh"), policy)
        out = proposal.text if proposal else text
        shown = set(out.split("\n"))
        row = [COUNT(text), COUNT(out), sum(fact in shown for fact in wanted), len(wanted)]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        if each:
            line(name, row)
    line(f"all {len(texts)}", totals)


def line(name: str, row: list[int]) -> None:
    """Prints one row."""
    before, after, there, wanted = row
    share = f"{there:,} of {wanted:,}"
    print(f"{name:28}{before:9,}{after:9,}{1 - after / max(1, before):8.1%}  {share}")


def timing(name: str, texts: list[tuple[str, str]]) -> None:
    """Prints the time for all the texts as one, per 100,000 tokens."""
    text = "\n".join(text for _, text in texts)
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        compressor = Diff()
        compressor.score(Sample(text))
        compressor.compress(Sample(text, query="what changed in shop?", ref="abcdefgh"), BALANCED)
        rounds.append(time.perf_counter() - start)
    tokens = COUNT(text)
    median = statistics.median(rounds) * 1e8 / tokens
    print(f"{name:28}{tokens:9,} tokens  median {median:5.1f} ms per 100,000 tokens")


def main() -> None:
    """All measurements, one after another."""
    commits = list(recorded())
    for policy in (SAFE, BALANCED, AGGRESSIVE) if commits else ():
        table("recorded commits", commits, policy, each=False)
    large = [(name, text) for name, text in commits if COUNT(text) > BALANCED.budget]
    if large:
        table("recorded commits over the budget", large, BALANCED, each=False)
    locks, vendored = list(with_locks()), list(with_vendored())
    table("with lock files", locks, BALANCED, each=True)
    table("with vendored or generated files", vendored, BALANCED, each=True)
    print()
    for name, texts in (("commits", commits), ("lock files", locks), ("vendored", vendored)):
        if texts:
            timing(name, texts)


if __name__ == "__main__":
    main()
