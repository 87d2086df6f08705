"""Measures the prose compressor: what is saved, and whether what answers stays visible.

The data hold questions with their gold sentences or answer spans (HotpotQA, SQuAD 2 and NQ among
other passages, QMSum and LoCoMo talk, PubMedQA abstracts). Gold is taken from the original before
anything is compressed. Keep-first and a random choice of sentences, of the same size, stand
beside. Tokens are o200k. Without the data only a generated document is timed.
"""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.prose import Prose
from headroom.compressors.prose.reading import read
from headroom.policy import BALANCED, Policy
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6)
CASES = 100
ROUNDS = 7
SIGN = re.compile(r"\[…[^\]\n]*\]")


class Case(NamedTuple):
    """A text, what is asked of it, and the passages that answer."""

    text: str
    query: str
    gold: list[str]


def documents(passages: list[tuple[str, str]]) -> str:
    """Passages as a retriever hands them over."""
    return "\n\n".join(
        f"Document {number} (Title: {title})\n{text}"
        for number, (title, text) in enumerate(passages, 1)
    )


def around(text: str, at: int, length: int) -> str:
    """An answer with up to a dozen characters of its sentence on each side: the same word
    elsewhere is no answer."""
    before = re.split(r"[.!?]\s", text[max(0, at - 12) : at])[-1]
    after = re.split(r"[.!?]\s", text[at + length : at + length + 12])[0]
    return (before + text[at : at + length] + after).strip()


def hotpotqa() -> Iterator[Case]:
    """Ten passages, two of which answer together; gold are the marked sentences."""
    for row in data.records("hotpotqa/hotpot_distractor_100.jsonl.gz"):
        by_title = dict(row["context"])
        gold = [by_title[t][i].strip() for t, i in row["supporting_facts"] if i < len(by_title[t])]
        passages = [(title, "".join(sentences)) for title, sentences in row["context"]]
        yield Case(documents(passages), row["question"], gold)


def squad() -> Iterator[Case]:
    """A paragraph among four of the same article and five of an encyclopedia."""
    rows = list(data.records("squad2/dev.jsonl.gz"))
    wiki = list(data.records("wiki_corpus/2wiki_corpus.jsonl.gz"))
    choose = random.Random(1)
    for row in choose.sample(rows, min(len(rows), CASES)):
        asked = [each for each in row["qas"] if each["spans"]]
        same = [each for each in rows if each["title"] == row["title"] and each is not row]
        passages = [(r["title"], r["context"]) for r in choose.sample(same, min(4, len(same)))]
        passages += [(each["title"], each["text"]) for each in choose.sample(wiki, 5)]
        passages.append((row["title"], row["context"]))
        choose.shuffle(passages)
        for each in asked[:1]:
            at, answer = each["spans"][0]
            gold = around(row["context"], at, len(answer))
            yield Case(documents(passages), each["question"], [gold])


def natural_questions() -> Iterator[Case]:
    """A passage among nine that answer other questions."""
    rows = list(data.records("nq_open_oracle/nq_open_oracle.jsonl.gz"))
    choose = random.Random(2)
    for row in choose.sample(rows, min(len(rows), CASES)):
        text = row["ctxs"][0]["text"]
        answer = next((each for each in row["answers"] if each in text), None)
        others = [each["ctxs"][0] for each in choose.sample(rows, 9) if each is not row]
        passages = [(each["title"], each["text"]) for each in [*others, row["ctxs"][0]]]
        choose.shuffle(passages)
        if answer:
            gold = around(text, text.index(answer), len(answer))
            yield Case(documents(passages), row["question"], [gold])


def qmsum() -> Iterator[Case]:
    """A meeting; gold are the turns that people marked as what a question is about."""
    choose = random.Random(3)
    for part in ("academic_val", "committee_val", "product_val"):
        for row in data.records(f"qmsum/{part}.jsonl.gz"):
            turns = [f"{turn['speaker']}: {turn['content']}" for turn in row["meeting_transcripts"]]
            query = choose.choice(row["specific_query_list"])
            spans = [(int(first), int(last)) for first, last in query["relevant_text_span"]]
            gold = [turn for first, last in spans for turn in turns[first : last + 1]]
            pieces = [piece for turn in gold for piece in turn.split(" . ") if len(piece) > 30]
            yield Case("\n".join(turns), query["query"], pieces)


def locomo() -> Iterator[Case]:
    """Months of chat; gold are the messages that the answer rests on."""
    choose = random.Random(4)
    for row in data.records("locomo/locomo10.jsonl.gz"):
        said, lines = {}, []
        for number in range(1, 60):
            if row.get(f"session_{number}"):
                lines.append(f"\n## {row[f'session_{number}_date_time']}\n")
            for turn in row.get(f"session_{number}", ()):
                said[turn["dia_id"]] = turn["text"]
                lines.append(f"{turn['speaker']}: {turn['text']}")
        for asked in choose.sample(row["qa"], 3):
            gold = [said[name].strip() for name in asked["evidence"] if name in said]
            if gold:
                yield Case("\n".join(lines), asked["question"], gold)


def pubmedqa() -> Iterator[Case]:
    """An abstract among nine; gold are its sentences that share most with the conclusion."""
    rows = list(data.records("pubmedqa/pqal.jsonl.gz"))
    choose = random.Random(5)
    for row in choose.sample(rows, min(len(rows), CASES)):
        wanted = set(re.findall(r"\w{5,}", row["LONG_ANSWER"].lower()))
        sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", " ".join(row["CONTEXTS"]))
        sentences.sort(key=lambda each: -len(wanted & set(re.findall(r"\w{5,}", each.lower()))))
        abstracts = [*(each["CONTEXTS"] for each in choose.sample(rows, 9)), row["CONTEXTS"]]
        choose.shuffle(abstracts)
        passages = [(f"Abstract {n}", " ".join(each)) for n, each in enumerate(abstracts, 1)]
        yield Case(documents(passages), row["QUESTION"], sentences[:2])


SETS: dict[str, Callable[[], Iterator[Case]]] = {
    "hotpotqa": hotpotqa,
    "squad2": squad,
    "nq": natural_questions,
    "pubmedqa": pubmedqa,
    "qmsum": qmsum,
    "locomo": locomo,
}


def compressed(case: Case, share: float) -> str:
    """The text of a case at a budget of `share` of its tokens."""
    policy = Policy("", omit=True, budget=int(share * COUNT(case.text)), min_tokens=48)
    proposal = Prose().compress(Sample(case.text, query=case.query, ref="abcdefgh"), policy)
    return proposal.text if proposal else case.text


def first(case: Case, share: float) -> str:
    """What comes first, as much of it as `share`."""
    return case.text[: int(share * len(case.text))]


def at_random(case: Case, share: float) -> str:
    """Some sentences, as many as fit."""
    units = read(case.text).units
    order = list(range(len(units)))
    random.Random(6).shuffle(order)
    room, kept = int(share * len(case.text)), set()
    for index in order:
        room -= units[index].end - units[index].start
        if room < 0:
            break
        kept.add(index)
    shown = [case.text[unit.start : unit.end] if i in kept else "…" for i, unit in enumerate(units)]
    return re.sub("…{2,}", "…", "".join(shown))


def recall(case: Case, out: str) -> float:
    """The share of the gold passages that stand in `out`."""
    return sum(passage in out for passage in case.gold) / max(1, len(case.gold))


def curve(name: str, cases: list[Case]) -> None:
    """A row per way of choosing: what is saved and what stays visible, by budget."""
    for way in (compressed, first, at_random):
        row = []
        for share in SHARES:
            outs = [way(case, share) for case in cases]
            before, after = sum(COUNT(case.text) for case in cases), sum(map(COUNT, outs))
            seen = statistics.mean(map(recall, cases, outs))
            row.append(f"{1 - after / before:6.1%} {seen:6.1%}")
        print(f"{name:10}{way.__name__:12}" + "  ".join(row))


def check(case: Case, out: str) -> None:
    """What stands between the signs stands in the original, in that order."""
    at = 0
    for piece in SIGN.split(out):
        found = case.text.find(piece.strip(), at)
        assert found >= 0
        at = found + len(piece.strip())


def timing(name: str, text: str, query: str) -> None:
    """The median processor time for 100,000 tokens, at the default policy."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        Prose().compress(Sample(text, query=query, ref="abcdefgh"), BALANCED)
        rounds.append(time.process_time() - start)
    each = statistics.median(rounds) / COUNT(text) * 100_000
    print(f"{name:22}{COUNT(text):9,} tokens{each * 1e3:8.1f} ms per 100,000")


def generated(size: int) -> str:
    """A document of sentences that no two are alike."""
    choose = random.Random(8)
    words = ("the", "of", "in", "pump", "valve", "report", "was", "not", "higher", "station")
    lines = []
    for number in range(size):
        said = " ".join(choose.choices(words, k=choose.randint(6, 24)))
        lines.append(f"The {said} {number}." + ("\n\n" if number % 6 == 5 else ""))
    return " ".join(lines)


def main() -> None:
    """All measurements, one after another."""
    if data.folder():
        print(f"{'':22}" + "  ".join(f"{f'budget {share:.0%}':>13}" for share in SHARES))
        print(f"{'':22}" + "  ".join(["  saved   seen"] * len(SHARES)))
        for name, cases in SETS.items():
            listed = list(cases())
            for case in listed:
                check(case, compressed(case, 0.4))
            curve(name, listed)
        print()
        wiki = data.records("wiki_corpus/2wiki_corpus.jsonl.gz")
        passages = [(each["title"], each["text"]) for each in islice(wiki, 1_200)]
        timing("passages", documents(passages), "Who was the mother of the queen of Lotharingia?")
        meeting = next(iter(qmsum()))
        timing("a meeting", meeting.text, meeting.query)
    timing("generated", generated(4_000), "Which pump station reported 1234?")


if __name__ == "__main__":
    main()
