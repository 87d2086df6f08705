"""What the proxy logs: figures and names, and no secret that was ever near them."""

import io
import json
import logging

import pytest

from headroom.counting import Compression, Exchange
from headroom.edits import Edit, Fidelity
from headroom.proxy import log

SECRETS = (
    "sk-ant-api03-Zm9vYmFyYmF6cXV4Zm9v",
    "sk-proj-abcdefghijklmnop1234",
    "AIzaSyD-abcdefghijklmnop_1234567",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xai-abcdefghijklmnopqrstuvw",
)
DONE = Exchange(
    1_700_000_000.0,
    200,
    provider="anthropic",
    model="claude-sonnet-4-5",
    path="messages",
    compression=Compression(48_210, 19_870),
    our_seconds=0.0021,
    upstream_seconds=1.84,
    retrievals=1,
)


@pytest.fixture(params=["text", "json"])
def form(request):
    return request.param


@pytest.fixture
def logged():
    """What is logged at level debug, in a form; the handler goes away with the test."""
    stream = io.StringIO()
    level = logging.getLogger("headroom").level

    def configured(form, level="debug"):
        log.configure(level, form, stream)
        return stream

    yield configured
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if getattr(handler, "stream", None) is stream:
            root.removeHandler(handler)
    logging.getLogger("headroom").setLevel(level)


def test_a_request_is_one_line_for_people(logged):
    stream = logged("text")
    log.exchange("POST", DONE)
    line = stream.getvalue()
    assert line.endswith(
        " info POST messages 200 · claude-sonnet-4-5 · 48,210 → 19,870 tokens (58.8 % saved)"
        " · 2.1 ms ours · 1,840 ms upstream · 1 retrievals\n"
    )
    assert line.count("\n") == 1


def test_a_request_is_one_object_for_programs(logged):
    stream = logged("json")
    log.exchange("POST", DONE)
    said = json.loads(stream.getvalue())
    assert said["event"] == "request"
    assert (said["tokens_before"], said["tokens_after"], said["savings_percent"]) == (
        48_210,
        19_870,
        58.8,
    )
    assert (said["our_ms"], said["upstream_ms"], said["first_byte_ms"]) == (2.1, 1_840.0, None)
    assert {"time", "level", "method", "path", "status", "model", "retrievals", "failures"} <= set(
        said
    )


def test_a_failure_is_a_warning_with_its_type_and_place(logged):
    stream = logged("text", "warning")
    log.exchange("POST", DONE)
    failed = Compression(10, 10, failures=1, failure="KeyError at a.py:1")
    log.exchange("POST", Exchange(1.0, 200, path="messages", compression=failed))
    assert "KeyError at a.py:1" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("secret", SECRETS)
def test_a_key_is_hidden_wherever_it_stands(logged, form, secret):
    stream = logged(form)
    log.LOGGER.warning("no answer from https://me:%s@a.example/v1?key=%s", secret, secret)
    log.LOGGER.warning("header %r", {"Authorization": f"Bearer {secret}", "x-api-key": secret})
    log.LOGGER.warning("x-goog-api-key: %s, cookie=%s", secret, secret)
    logging.getLogger("aiohttp.client").error("Unclosed %s", secret)
    log.exchange("POST", Exchange(1.0, 200, model=secret, path="messages", error=secret))
    assert secret not in stream.getvalue()
    assert stream.getvalue().count("\n") == 5


def test_a_query_string_and_a_users_name_are_left_out():
    said = log.clean("GET http://me:pw@a.example/v1/models?alt=sse&q=private done")
    assert said == "GET http://a.example/v1/models done"


def test_an_exception_is_its_type_and_place_without_its_message(logged, form):
    stream = logged(form)
    try:
        raise ValueError("the user's own text")
    except ValueError:
        log.LOGGER.exception("could not compress")
    assert "own text" not in stream.getvalue()
    assert f"ValueError at {__name__}:" in stream.getvalue()


def test_a_name_from_outside_cannot_forge_a_line(logged, form):
    stream = logged(form)
    log.exchange("POST", Exchange(1.0, 200, model="a\r\nPOST messages 200\u2028x", path="messages"))
    assert len(stream.getvalue().splitlines()) == 1


def test_of_an_edit_only_sizes_are_written_unless_the_texts_are_asked_for(logged, form):
    stream = logged(form)
    edit = Edit((), "the whole text", "its sketch", "log", Fidelity.RECOVERABLE, (), 900, 30)
    log.edited(edit, content=False)
    assert "900" in stream.getvalue()
    assert "whole" not in stream.getvalue()
    log.edited(edit, content=True)
    assert "the whole text" in stream.getvalue()
    assert "its sketch" in stream.getvalue()


def test_a_level_leaves_out_what_is_below_it(logged, form):
    stream = logged(form, "error")
    log.exchange("POST", DONE)
    log.edited(Edit((), "a", "b", "log", Fidelity.LOSSLESS, (), 2, 1), content=True)
    log.LOGGER.warning("x")
    assert stream.getvalue() == ""


def test_configuring_twice_does_not_double_the_lines(logged):
    logged("text")
    stream = logged("json")
    log.LOGGER.warning("once")
    assert json.loads(stream.getvalue())["message"] == "once"


def test_a_client_that_leaves_is_no_trouble_and_an_upstream_that_does_is(logged):
    stream = logged("text", "warning")
    log.exchange("POST", Exchange(1.0, 200, path="messages", error=log.CLIENT_LEFT))
    assert stream.getvalue() == ""
    log.exchange("POST", Exchange(1.0, 0, path="messages", error="upstream gone"))
    assert "upstream gone" in stream.getvalue()
