"""Writes the price table that `headroom.billing` ships, from the package genai-prices.

    pip download --no-deps genai-prices && unzip genai_prices-*.whl -d DIRECTORY
    python tools/write_prices.py DIRECTORY 2026-11-10

DIRECTORY holds the unpacked wheel; the date is the day on which it was published. Of the source's prices the standard ones
of that day are taken: no batches, no faster or slower tiers of service, no times of day (the dearest of a day is). Its rules
that tell a model by how its name starts become stems: of what may follow, Headroom takes only an edition (a date and the
like), so that a model which is new never gets a neighbour's price. Names that two entries claim are the first one's.

genai-prices needs pydantic and Python 3.11; Headroom needs neither at run time.
"""

import json
import re
import sys
from datetime import datetime, time, timezone
from decimal import Decimal
from pathlib import Path

from headroom.billing.price import SIZES

TARGET = Path(__file__).parent.parent / "src" / "headroom" / "billing" / "data" / "prices.json"
PROVIDERS = (
    *(
        "anthropic",
        "openai",
        "google",
        "aws",
        "azure",
        "deepseek",
        "x-ai",
        "mistral",
        "moonshotai",
        "zai",
        "minimax",
    ),
    *("cohere", "perplexity", "groq", "cerebras", "together", "fireworks", "openrouter"),
)
NOT_TEXT = (
    "output_audio_mtok",
    "output_image_mtok",
    "output_video_mtok",
    "audio_hours",
    "input_audio_hours",
)
LONGEST_FILE = 150_000
DATED = re.compile(r"\^(?P<stem>[\w.\\/:-]+?)(?:-|\[-@\])\\d")
LOOSE_END = re.compile(r"(?:-v\d+|-20\d\d|[-@])$")


def names_of(clause):
    """The whole names and the stems that a rule of the source accepts."""
    kind = type(clause).__name__.removeprefix("Clause")
    if kind in ("Or", "And"):
        parts = [names_of(one) for one in (clause.or_ if kind == "Or" else clause.and_)]
        return [name for part in parts for name in part[0]], [
            stem for part in parts for stem in part[1]
        ]
    said = next(iter(vars(clause).values()))
    if kind == "Equals":
        return [said.lower()], []
    if kind == "Regex":
        found = DATED.match(said)
        return [], [found["stem"].replace("\\", "").lower()] if found else []
    return [], [LOOSE_END.sub("", said.lower().lstrip("/"))]


def standard(model, day):
    """The prices of a model on a day; where they differ by the hour, the dearest."""
    if not isinstance(model.prices, list):
        return model.prices
    found = None
    for one in model.prices:
        starts = getattr(one.constraint, "start_date", None)
        if starts is not None and starts > day.date():
            continue
        by_hour = hasattr(one.constraint, "start_time")
        if found is None or not by_hour or base(one.prices.input_mtok) > base(found.input_mtok):
            found = one.prices
    return found


def base(price):
    """A price for prompts of any size."""
    return getattr(price, "base", price) or Decimal(0)


def at(price, size):
    """A price for prompts above a size."""
    found = base(price)
    for tier in getattr(price, "tiers", ()):
        if size >= threshold(tier):
            found = tier.price
    return found


def threshold(tier):
    """The size above which a tier holds; one provider says `from`, the others `above`."""
    return 200_000 if tier.start == 199_999 else tier.start


def row(prices, size, claude):
    """Input, read, written, written for long, output: dollars for a million tokens."""
    fresh = at(prices.input_mtok, size)
    read = fresh if prices.cache_read_mtok is None else at(prices.cache_read_mtok, size)
    write = fresh if prices.cache_write_mtok is None else at(prices.cache_write_mtok, size)
    # Claude's longer lifetime costs twice the input wherever it is served; not every provider's list repeats it.
    long = 2 * fresh if claude and prices.cache_write_mtok is not None else write
    long = long if prices.cache_write_1h_mtok is None else at(prices.cache_write_1h_mtok, size)
    return [plain(price) for price in (fresh, read, write, long, at(prices.output_mtok, size))]


def plain(price):
    """A price to the millionth of a dollar, as short as JSON can say it."""
    price = round(price, 6)
    return int(price) if price == int(price) else float(price)


def entry(model, day):
    """A model as the table has it; None where it bills no text."""
    prices = standard(model, day)
    if prices is None or prices.input_mtok is None or prices.output_mtok is None:
        return None
    if any(getattr(prices, name) is not None for name in NOT_TEXT):
        return None
    names, stems = names_of(model.match)
    claude = "claude" in model.id.lower()
    made = {"id": model.id.lower(), "price": row(prices, 0, claude)}
    made["names"] = [
        name
        for name in dict.fromkeys(names)
        if name not in (made["id"], "") and not name.startswith("ft:")
    ]
    made["stems"] = [stem for stem in dict.fromkeys(stems) if stem and not stem.startswith("ft:")]
    parts = (
        prices.input_mtok,
        prices.cache_read_mtok,
        prices.cache_write_mtok,
        prices.cache_write_1h_mtok,
        prices.output_mtok,
    )
    sizes = sorted({threshold(tier) for part in parts for tier in getattr(part, "tiers", ())})
    if not set(sizes) <= set(SIZES):
        raise SystemExit(f"{model.id}: price.SIZES lacks one of {sizes}")
    made["above"] = [[size, row(prices, size, claude)] for size in sizes]
    return {key: value for key, value in made.items() if value != []}


def main(directory, day):
    """Write the table."""
    sys.path.insert(0, str(directory))
    from genai_prices.data import providers  # noqa: PLC0415 (its place is an argument)

    version = (
        next(directory.glob("genai_prices-*.dist-info")).name.split("-")[1].removesuffix(".dist")
    )
    known = {provider.id: provider for provider in providers}
    when = datetime.combine(datetime.fromisoformat(day), time(), timezone.utc)
    table = {
        name: [made for model in known[name].models if (made := entry(model, when))]
        for name in PROVIDERS
    }
    head = {
        "source": "genai-prices",
        "version": version,
        "url": "https://github.com/pydantic/genai-prices",
        "licence": "MIT, Copyright (c) Pydantic Services Inc. 2025 to present",
        "date": day,
        "currency": "USD",
        "price": ["input", "cache_read", "cache_write", "cache_write_long", "output"],
    }
    lines = [f'"{key}": {json.dumps(value)},' for key, value in head.items()]
    lines.append('"providers": {')
    for index, (name, models) in enumerate(table.items()):
        rows = ",\n".join(
            json.dumps(model, separators=(",", ":"), ensure_ascii=False) for model in models
        )
        lines.append(f'"{name}": [\n{rows}\n]' + ("," if index < len(table) - 1 else ""))
    text = "{\n" + "\n".join(lines) + "\n}}\n"
    if len(text) > LONGEST_FILE:
        raise SystemExit(
            f"{len(text):,} bytes are more than {LONGEST_FILE:,}: take fewer providers"
        )
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2])
