"""JSON, lossless: tokens of the fold against compact JSON, on every maximal list of records.

    HEADROOM_EVAL_DATA=FOLDER python -m benchmarks json_fold

The data hold `json_api/*.jsonl.gz`, rows of `{"id", "text"}`; without them only the generated
tables are measured. A list is maximal when no other list of 5 or more records holds it. Prints
for each file: lists, tokens, savings over all tokens and as the mean over lists, lists that would
have grown, and the median time for 200 KB. Tokens are o200k.
"""

import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import data
from headroom.compressors.json_rows import fold
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
LEAST = 5


def values(text: str) -> list[Any]:
    """The JSON value of a text, or its lines' values as one list."""
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    try:
        return [[json.loads(line) for line in text.splitlines() if line.strip()]]
    except ValueError:
        return []


def lists(value: Any) -> Iterator[list[dict[str, Any]]]:
    """The maximal lists of records within a value."""
    if isinstance(value, list):
        if len(value) >= LEAST and all(isinstance(item, dict) for item in value):
            yield value
            return
        inside = value
    elif isinstance(value, dict):
        inside = list(value.values())
    else:
        return
    for item in inside:
        yield from lists(item)


def generated() -> Iterator[tuple[str, str]]:
    """Uniform flat tables as demos and admin tools show them."""
    people = [
        {
            "id": i + 1,
            "name": f"{first} {last}",
            "email": f"{first.lower()}.{last.lower()}@example.com",
            "department": ("Engineering", "Marketing", "Sales", "Support")[i * 7 % 4],
            "active": i % 5 != 0,
            "salary": 40_000 + i * 7919 % 60_000,
        }
        for i, (first, last) in enumerate(
            (f, s)
            for f in ("Anna", "Boris", "Chen", "Dora", "Emil", "Fatima", "Goran", "Hana")
            for s in ("Lee", "Stone", "Novak", "Rossi", "Khan", "Weber", "Silva", "Moreau")
        )
    ]
    metrics = [
        {
            "timestamp": f"2025-03-{1 + i // 24:02}T{i % 24:02}:00:00Z",
            "host": "web-01",
            "cpu": round(20 + i * 37 % 61 + i % 10 / 10, 1),
            "memory": 1000 + i * 53 % 700,
            "status": "ok" if i % 41 else "degraded",
        }
        for i in range(240)
    ]
    orders = [
        {
            "order_id": f"ORD-{10_000 + i}",
            "customer_id": i * 7919 % 900,
            "status": ("pending", "shipped", "delivered", "cancelled")[i * 13 % 4],
            "currency": "EUR",
            "total": f"{i * 7907 % 50_000 / 100:.2f}",
            "url": f"https://shop.example.com/orders/ORD-{10_000 + i}",
        }
        for i in range(150)
    ]
    for name, rows in (("people", people), ("metrics", metrics), ("orders", orders)):
        yield name, json.dumps(rows, separators=(",", ":"))


def texts_of(name: str) -> Iterator[str]:
    """The compact JSON of each list in a file."""
    for record in data.records(f"json_api/{name}"):
        for value in values(record["text"]):
            for part in lists(value):
                yield json.dumps(part, separators=(",", ":"), ensure_ascii=False)


def row(name: str, texts: list[str]) -> str:
    """One line of the table."""
    before, after, shares, larger, paces = 0, 0, [], 0, []
    for text in texts:
        start = time.perf_counter()
        said = fold(text) or text
        took = time.perf_counter() - start
        if len(text) > 20_000:
            paces.append(took / len(text) * 200_000 * 1000)
        tokens, less = COUNT(text), COUNT(said)
        larger += less > tokens
        before, after = before + tokens, after + less
        shares.append(1 - less / tokens)
    pace = f"{statistics.median(paces):6.1f}" if paces else "     -"
    mean = statistics.mean(shares)
    return (
        f"{name:22} {len(texts):5} {before:9} {after:9} {1 - after / before:7.1%} {mean:7.1%}"
        f" {larger:6} {pace}"
    )


def main() -> None:
    """Print the table."""
    print("file                   lists   compact      fold   saved    mean larger ms/200KB")
    root = data.folder()
    for path in sorted((root / "json_api").glob("*.jsonl.gz")) if root else ():
        texts = list(texts_of(path.name))
        if texts:
            print(row(path.name.removesuffix(".jsonl.gz"), texts))
    for name, text in generated():
        print(row(f"generated {name}", [text]))


if __name__ == "__main__":
    main()
