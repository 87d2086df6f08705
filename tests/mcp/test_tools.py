import json
import logging
import random

import pytest

from headroom import library, settings
from headroom.errors import StoreError
from headroom.markers import omissions
from headroom.mcp.roots import Roots
from headroom.mcp.tools import Tools
from headroom.proxy.projects import Project
from headroom.stores import InMemoryStore
from headroom.tool_answer import tool_answer
from headroom.wire import recognised

CHANCE = random.Random(4)
LOG = "".join(
    f"2026-03-01 10:{n // 60 % 60:02}:{n % 60:02} INFO http: request {n} took {CHANCE.random():.3f} s\n"
    for n in range(3_000)
)
CODE = "".join(
    f"def step_{n}(value):\n"
    + "".join(f"    value += {n} * {m}\n" for m in range(12))
    + "    return value\n\n\n"
    for n in range(60)
)


class BrokenStore:
    """A disk that has gone."""

    def ref(self, original):
        return "aaaaaaaa"

    def put(self, originals):
        raise StoreError("the disk has gone; mount it again")

    def get(self, ref):
        raise StoreError("the disk has gone; mount it again")

    def refresh(self, refs):
        raise StoreError("the disk has gone; mount it again")


class WrongStore(BrokenStore):
    def get(self, ref):
        raise ZeroDivisionError("a mistake of ours")


def tools(*folders, store=None):
    return Tools(settings.load(), Roots(folders), store)


def compressed(answer):
    assert not answer.failed, answer.text
    text, figures = answer.text.rsplit("\n", 1)
    return text + "\n", figures


def test_a_text_comes_back_shorter_with_its_tokens_before_and_after():
    text, figures = compressed(tools().call("headroom_compress", {"text": LOG}))
    before, after = (int(word.replace(",", "")) for word in figures[1:].split()[:3:2])
    assert figures == f"[{before:,} → {after:,} tokens]"
    assert after * 10 < before
    assert omissions(text)


def test_what_it_omits_is_retrievable_whole_or_in_part():
    own = tools()
    text, _ = compressed(own.call("headroom_compress", {"text": LOG}))
    ref = omissions(text)[0].ref
    assert own.call("headroom_retrieve", {"ref": ref}).text == LOG
    lines = LOG.splitlines(keepends=True)
    assert own.call("headroom_retrieve", {"ref": ref, "lines": "7-8"}).text == "".join(lines[6:8])
    found = own.call("headroom_retrieve", {"ref": ref, "match": "request 1234 "})
    assert "request 1234 took" in found.text
    assert not found.failed


def test_the_same_text_twice_gives_the_same_bytes_in_another_process_too():
    first = tools().call("headroom_compress", {"text": LOG, "query": "request 77"})
    library.store_of.cache_clear()
    library._ledger_of.cache_clear()
    assert tools().call("headroom_compress", {"text": LOG, "query": "request 77"}) == first


def test_what_the_query_names_stays_visible():
    plain, _ = compressed(tools().call("headroom_compress", {"text": LOG}))
    asked, _ = compressed(
        tools().call("headroom_compress", {"text": LOG, "query": "request 1777 took"})
    )
    assert "request 1777 took" not in plain
    assert "request 1777 took" in asked


def test_a_file_is_compressed_as_what_its_name_says_it_is(tmp_path):
    (tmp_path / "steps.py").write_text(CODE)
    text, figures = compressed(tools(tmp_path).call("headroom_compress", {"file": "steps.py"}))
    assert "→" in figures
    assert "def step_7(value):" in text
    shown = [line for line in text.splitlines() if "[" not in line]
    assert set(shown) <= set(CODE.splitlines())


def test_json_in_a_file_is_folded(tmp_path):
    rows = [{"id": n, "name": f"user{n}", "active": True} for n in range(400)]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    _, figures = compressed(tools(tmp_path).call("headroom_compress", {"file": "rows.json"}))
    assert "→" in figures


@pytest.mark.parametrize("said", ["../x", "/etc/hosts", "none.txt"])
def test_a_file_that_may_not_or_cannot_be_read_is_a_failed_answer(tmp_path, said):
    answer = tools(tmp_path).call("headroom_compress", {"file": said})
    assert answer.failed
    assert said in answer.text
    assert "Traceback" not in answer.text


def test_a_file_that_stays_too_large_is_no_answer(tmp_path):
    words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    text = "\n".join(" ".join(CHANCE.choices(words, k=9)) for _ in range(20_000))
    (tmp_path / "words.txt").write_text(text)
    answer = tools(tmp_path).call("headroom_compress", {"file": "words.txt"})
    assert answer.failed
    assert "read the part of it that matters" in answer.text


def test_a_text_without_gain_comes_back_as_it_was():
    text, figures = compressed(tools().call("headroom_compress", {"text": "short\n"}))
    assert text == "short\n"
    assert figures == "[2 tokens, unchanged: too small to gain from]"


def test_an_empty_file_is_no_failure(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    answer = tools(tmp_path).call("headroom_compress", {"file": "empty.txt"})
    assert answer.text == "\n[0 tokens, unchanged: too small to gain from]"
    assert not answer.failed


def test_what_was_compressed_is_not_compressed_again():
    text, _ = compressed(tools().call("headroom_compress", {"text": LOG}))
    again, figures = compressed(tools().call("headroom_compress", {"text": text}))
    assert again == text
    assert figures.endswith("unchanged: shortened already, or left alone by a rule]")


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("headroom_compress", {}, "either text or file"),
        ("headroom_compress", {"text": "a", "file": "b"}, "either text or file"),
        ("headroom_compress", {"text": "", "file": None}, "either text or file"),
        ("headroom_compress", {"text": 7}, "text must be a string"),
        ("headroom_compress", {"content": "a"}, "takes text, file, query, and no 'content'"),
        ("headroom_stats", {"hours": "2"}, "hours must be a number"),
        ("headroom_stats", {"hours": True}, "hours must be a number"),
        ("headroom_stats", {"hours": 0}, "hours must be above 0"),
        ("headroom_stats", {"hours": float("nan")}, "hours must be above 0"),
        ("headroom_stats", {"days": 1}, "takes hours, and no 'days'"),
        ("headroom_retrieve", {}, "needs a ref"),
        ("headroom_retrieve", {"ref": 7}, "needs a ref"),
        ("headroom_retrieve", {"ref": "zzzzzzzz"}, "It will not come back"),
        ("headroom_forget", {}, "there are headroom_retrieve, headroom_compress, headroom_stats"),
    ],
)
def test_a_wrong_call_is_told_what_is_right(tool, arguments, why):
    answer = tools().call(tool, arguments)
    assert answer.failed
    assert why in answer.text


def test_figures_work_when_nothing_was_counted():
    for arguments in ({}, {"hours": None}, {"hours": 24}, {"hours": 1e308}):
        answer = tools().call("headroom_stats", arguments)
        assert answer.text.startswith("No request has gone through the proxy")
        assert not answer.failed


def test_what_the_proxy_omitted_is_answered_here_and_the_other_way_round():
    project = Project(settings.load(), "default")
    call = {"id": "c", "type": "function", "function": {"name": "logs", "arguments": "{}"}}
    body = {
        "model": "gpt-4o",
        "messages": [
            {"role": "user", "content": "Which request was slow?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": LOG},
        ],
    }
    form = recognised(body["messages"])
    result = project.engine("gpt-4o", omit=True).decide(form.view(body))
    (edit,) = result.edits
    assert tools().call("headroom_retrieve", {"ref": edit.refs[0]}).text == LOG

    other = LOG.replace("http", "db")
    text, _ = compressed(tools().call("headroom_compress", {"text": other}))
    assert tool_answer(project.store, {"ref": omissions(text)[0].ref}) == other
    project.close()


def test_another_projects_originals_are_unknown_here(monkeypatch):
    text, _ = compressed(tools().call("headroom_compress", {"text": LOG}))
    monkeypatch.setenv("HEADROOM_PROJECT", "other")
    assert tools().call("headroom_retrieve", {"ref": omissions(text)[0].ref}).failed


def test_another_store_may_take_the_place_of_the_one_on_disk(home):
    store = InMemoryStore()
    text, _ = compressed(tools(store=store).call("headroom_compress", {"text": LOG}))
    assert store.get(omissions(text)[0].ref) == LOG.encode()
    assert tools(store=store).call("headroom_retrieve", {"ref": omissions(text)[0].ref}).text == LOG
    assert not (home / "store.db").exists()


def test_without_a_usable_store_a_text_comes_back_whole(caplog):
    own = tools(store=BrokenStore())
    text, figures = compressed(own.call("headroom_compress", {"text": LOG}))
    assert text == LOG
    assert figures.endswith("unchanged: compression failed]")
    assert "the disk has gone" in caplog.text
    answer = own.call("headroom_retrieve", {"ref": "aaaaaaaa"})
    assert answer.failed
    assert "mount it again" in answer.text


def test_a_mistake_of_ours_is_logged_and_told_without_its_traceback(caplog):
    with caplog.at_level(logging.ERROR):
        answer = tools(store=WrongStore()).call("headroom_retrieve", {"ref": "aaaaaaaa"})
    assert answer.failed
    assert answer.text == "headroom_retrieve failed, and nothing was changed: go on without it."
    assert "ZeroDivisionError" in caplog.text
