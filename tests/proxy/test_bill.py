"""What our counts say of the bill, against a provider that knows it: with us and without, each
tier of each request to the token."""

import pytest
from acting import Agent, retrieving, using
from bills import played
from dialects import Chat, Responses
from dialects_of_blocks import Messages
from materials import FACT
from scenes import assert_stable

from scripted_upstream import Reply, ToolCall

HOUR = {"type": "ephemeral", "ttl": "1h"}
LONG = "You are an agent. " * 400


class LongSystem(Messages):
    """As agents do it: a system prompt that is worth keeping by itself."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        body["system"][0]["text"] = LONG
        return body


class ForAnHour(LongSystem):
    """What does not change is kept for an hour, the rest for five minutes."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        body["system"][0]["cache_control"] = HOUR
        return body


class AllForAnHour(ForAnHour):
    """Everything is kept for an hour."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        last = body["messages"][-1]["content"]
        last[-1] = {**last[-1], "cache_control": HOUR}
        return body


class Unmarked(Messages):
    """A plain script, which sets no breakpoints."""

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        return {**body, "system": LONG, "messages": list(history)}


DIALECTS = {
    "messages": Messages(),
    "long system": LongSystem(),
    "for an hour": ForAnHour(),
    "all for an hour": AllForAnHour(),
    "chat": Chat(),
    "responses": Responses(),
}
STEPS = (
    using("read_log"),
    using("list_records"),
    Reply(text="Both are read."),
    using("run_tests", 1),
    using("read_log", at=1),
    Reply(text="One fails."),
    using("read_file", 2),
    Reply(text="It is in line 40."),
)
GAPS = {"at once": 0, "a minute": 60, "six minutes": 360, "two hours": 7_200}
both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)


def session(dialect, *, gap=0.0, streamed=False, **more):
    """Three questions, a pause between them; a request takes two seconds."""

    def play(url, clock):
        agent = Agent(dialect, url, streamed=streamed, before=lambda: clock.wait(2), **more)
        for question in ("What is in there?", "Do the tests pass?", "Where is it?"):
            agent.ask(question)
            clock.wait(gap)

    return play


def assert_equal_to_the_token(run):
    """Request by request what it would have been, and in all what it was."""
    assert [each.before for each in run.counted] == list(run.straight)
    assert run.after == run.ours.bill
    assert run.before == run.bill


@every_dialect
@both_ways
@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_our_counts_equal_the_bill_to_the_token(dialect, streamed, gap, tmp_path):
    run = played(
        session(dialect, gap=gap, streamed=streamed),
        STEPS,
        tmp_path,
        epochs=False,
        align_cache="off",
    )
    assert_equal_to_the_token(run)
    assert run.after.prompt < run.before.prompt


@every_dialect
def test_a_new_epoch_is_counted_to_the_token_too(dialect, tmp_path):
    run = played(session(dialect, gap=7_200), STEPS, tmp_path, epochs=True, align_cache="off")
    assert_equal_to_the_token(run)


def test_after_a_long_pause_a_new_epoch_costs_less_and_changes_no_byte_again(tmp_path):
    reads = [using("read_file", number) for number in range(8)]
    steps = (
        *reads,
        Reply(text="All are read."),
        *(using("status", number) for number in range(6)),
        Reply(text="Fine."),
    )
    dialect = LongSystem()
    runs = []
    for epochs in (False, True):
        folder = tmp_path / str(epochs)
        folder.mkdir()
        play = session(dialect, gap=7_200)
        runs.append(played(play, steps, folder, epochs=epochs, align_cache="off"))
        assert_equal_to_the_token(runs[-1])
    without, having = runs
    assert units(having.ours.bill) < units(without.ours.bill)
    assert having.labels("epoch")
    assert_stable(having.ours.requests[len(reads) + 1 : -1], dialect)


def units(usage):
    """A bill of Anthropic's in tokens of fresh input."""
    return usage.fresh + 0.1 * usage.cache_read + 1.25 * usage.cache_write + 5 * usage.output


@both_ways
def test_what_our_breakpoints_save_is_counted_as_ours(streamed, tmp_path):
    run = played(session(Unmarked(), streamed=streamed), STEPS, tmp_path)
    assert_equal_to_the_token(run)
    assert run.before.cache_read == 0
    assert run.after.cache_read > 2 * run.after.cache_write > 0


@every_dialect
def test_many_short_turns_are_told_apart_where_reads_come_in_steps(dialect, tmp_path):
    reads = (using("read_file", 3), using("read_log"))
    short = (using("status", number) for number in range(25))
    run = played(
        session(dialect), (*reads, *short, Reply(text="Fine.")), tmp_path, align_cache="off"
    )
    assert_equal_to_the_token(run)
    assert run.after.cache_read


@every_dialect
def test_a_request_below_the_least_is_fresh_on_both_sides(dialect, tmp_path):
    steps = (using("status"), using("status", 1), Reply(text="Fine."), Reply(text="Yes."))
    run = played(session(dialect, tools=("status",)), steps, tmp_path, align_cache="off")
    assert_equal_to_the_token(run)
    if dialect.name == "openai_chat":
        assert run.after.cache_read == 0


@every_dialect
@both_ways
def test_the_legs_of_a_retrieval_are_ours_to_pay(dialect, streamed, tmp_path):
    found = Reply(text="Found.")
    steps = (using("read_log"), found, using("status"), Reply(text="Yes."))
    hidden = (using("read_log"), retrieving(match=FACT), *steps[1:])
    run = played(
        session(dialect, streamed=streamed), steps, tmp_path, hidden=hidden, align_cache="off"
    )
    assert len(run.ours.bills) == len(run.straight) + 1
    assert_equal_to_the_token(run)
    assert run.after.output > run.before.output


@every_dialect
def test_a_retrieval_beside_a_call_of_the_clients_is_counted(dialect, tmp_path):
    beside = [ToolCall("status", {"seed": 7}, id="call_status")]
    steps = (using("read_log"), Reply(text="Both. ", tool_calls=beside), Reply(text="Good."))
    hidden = (steps[0], retrieving(text="Both. ", beside=beside, match=FACT), steps[2])
    run = played(session(dialect), steps, tmp_path, hidden=hidden, align_cache="off")
    assert [each.before.prompt for each in run.counted] == [each.prompt for each in run.straight]
    assert run.after == run.ours.bill


class Clocked(Messages):
    """A system prompt that says what time it is."""

    def __init__(self):
        self.seconds = 0

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        self.seconds += 7
        body["system"][0]["text"] = f"{LONG}\nCurrent time: 2026-03-01 10:00:{self.seconds % 60:02}"
        return body


class Shuffled(Messages):
    """Tools in another order each time."""

    def __init__(self):
        self.turn = 0

    def body(self, history, tools, streamed):
        self.turn += 1
        at = self.turn % len(tools)
        return super().body(history, (*tools[at:], *tools[:at]), streamed)


class Rewriting(Messages):
    """The first answer of a tool is cut short once the history is long."""

    def body(self, history, tools, streamed):
        if len(history) > 5:
            (result,) = history[2]["content"]
            cut = {**history[2], "content": [{**result, "content": "[removed to save room]"}]}
            history = [*history[:2], cut, *history[3:]]
        return super().body(history, tools, streamed)


BUSTS = {
    "a timestamp": (Clocked, ("system", "time")),
    "reordered tools": (Shuffled, ("tools", "order")),
    "a rewritten message": (Rewriting, ("message",)),
}


@pytest.mark.parametrize(("dialect", "words"), BUSTS.values(), ids=BUSTS)
def test_a_planted_cache_bust_is_named_with_its_cause(dialect, words, tmp_path):
    def play(url, clock):
        session(dialect())(url, clock)

    run = played(play, STEPS, tmp_path, align_cache="off")
    assert_equal_to_the_token(run)
    labels = run.labels("bust")
    assert labels
    assert all(word in label for label in labels for word in words), labels


@every_dialect
def test_a_session_that_only_grows_busts_nothing(dialect, tmp_path):
    run = played(session(dialect), STEPS, tmp_path, align_cache="off")
    assert run.labels("bust") == []
