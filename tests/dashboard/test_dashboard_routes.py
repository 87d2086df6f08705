"""The dashboard's page holds no data and loads nothing; its data are what was counted."""

import base64
import gzip
import hashlib
import json
import re
import time

import pytest

from headroom.counting import Compression, EditCount, Exchange
from headroom.counting.shown import ShownEdits
from headroom.edits import Edit, Fidelity
from headroom.wire._api import Usage
from running import answer_of, ask, exchange, proxied

NOWHERE = "http://127.0.0.1:9"
NOW = time.time() - 60
SECRET = "what the user's file said"


def an_edit(before=SECRET + "\n" + "line\n" * 50, place=0):
    path = ("messages", place, "content")
    return Edit(path, before, "short", "log", Fidelity.RECOVERABLE, (), 60, 2)


def a_request(name, time):
    counted = Compression(1_000, 400, True, (EditCount("log", "recoverable", 600, 20, 2),))
    return Exchange(time, 200, model="claude-x", compression=counted, usage=Usage(5), name=name)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dashboard")
    with proxied(NOWHERE, folder) as running:
        tally = running.app.services.tally
        for number in range(7):
            tally.add(a_request(f"{number:012x}", NOW + number))
        shown = ShownEdits(running.settings.home)
        shown.add(f"{6:012x}", NOW, [an_edit(), an_edit("x" * 700_000, place=3)])
        shown.close()
        yield running


def asked(proxy, path, *headers):
    line, _, body = ask(proxy.port, "GET", path, *headers)
    return int(line.split()[1]), json.loads(body)


def page_of(proxy, *headers):
    line, lines, body = ask(proxy.port, "GET", "/dashboard", *headers)
    told = dict(one.decode().split(": ", 1) for one in lines)
    return int(line.split()[1]), told, body


def test_the_page_is_one_answer_that_refers_to_nothing_outside(proxy):
    status, headers, body = page_of(proxy)
    text = body.decode()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (
        re.findall(r"<(?:link|script|img|iframe|source)[^>]+(?:src|href)=\"(?!data:)", text) == []
    )
    assert re.findall(r"@import|url\(", text) == []
    addresses = set(re.findall(r"https?://[^\s'\"`]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert SECRET not in text


def test_its_policy_allows_its_own_style_and_script_and_nothing_else(proxy):
    _, headers, body = page_of(proxy)
    _, raw, _ = ask(proxy.port, "GET", "/dashboard")
    policy = next(one for one in raw if one.lower().startswith(b"content-security-policy")).decode()
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for tag in (b"script", b"style"):
        (content,) = re.findall(rb"<%s>(.*?)</%s>" % (tag, tag), body, re.S)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert f"{tag.decode()}-src 'sha256-{digest}'" in policy
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")


def test_it_comes_packed_to_browsers_and_only_once(proxy):
    _, _, plain = page_of(proxy)
    _, headers, packed = page_of(proxy, b"Accept-Encoding: gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < 40_000
    etag = headers["etag"].encode()
    status, _, body = page_of(proxy, b"If-None-Match: " + etag)
    assert (status, body) == (304, b"")


def test_a_series_says_what_the_stats_say(proxy):
    _, stats = asked(proxy, "/stats")
    status, series = asked(proxy, "/stats/series")
    assert status == 200
    points = [*series["points"], *([series["earlier"]] if series["earlier"] else [])]
    for name in ("requests", "tokens_before", "tokens_after", "saved_tokens"):
        assert sum(point[name] for point in points) == stats[name]


def test_the_latest_requests_come_in_pages(proxy):
    _, first = asked(proxy, "/stats/requests?limit=4")
    assert [row["name"] for row in first["requests"]] == [f"{n:012x}" for n in (6, 5, 4, 3)]
    assert (first["more"], first["edits"]) == (True, True)
    _, rest = asked(proxy, f"/stats/requests?limit=4&before={first['requests'][-1]['id']}")
    assert [row["name"] for row in rest["requests"]] == [f"{n:012x}" for n in (2, 1, 0)]
    assert rest["more"] is False


def test_a_request_comes_with_its_edits_and_a_very_long_text_when_it_is_asked_for(proxy):
    status, found = asked(proxy, f"/stats/requests/{6:012x}")
    assert status == 200
    short, long = found["edits"]
    assert short["before"].startswith(SECRET)
    assert (short["after"], short["path"], short["is_new"]) == ("short", "messages.0.content", True)
    assert (long["before"], long["after"], long["before_size"]) == (None, None, 700_000)
    assert found["request"]["tokens_before"] == 1_000
    _, whole = asked(proxy, f"/stats/requests/{6:012x}?edit=1")
    assert (whole["before"], whole["after"]) == ("x" * 400_000, "short")


def test_a_request_whose_edits_are_gone_has_none(proxy):
    status, found = asked(proxy, f"/stats/requests/{0:012x}")
    assert (status, found["edits"], found["kept"]) == (200, [], True)


@pytest.mark.parametrize("path", ["/stats/requests/beef", f"/stats/requests/{6:012x}?edit=2"])
def test_what_does_not_exist_is_said_not_to(proxy, path):
    status, said = asked(proxy, path)
    assert status == 404
    assert said["error"]


@pytest.mark.parametrize(
    "path",
    [
        *("/stats/series?hours=x", "/stats/series?hours=nan", "/stats/series?hours=-1"),
        *("/stats/series?east=1e9", "/stats/requests?limit=0", "/stats/requests?limit=9999"),
        *("/stats/requests?before=x", f"/stats/requests/{6:012x}?edit=-1"),
    ],
)
def test_a_wrong_question_is_answered_in_words(proxy, path):
    status, said = asked(proxy, path)
    assert status == 400
    assert path.partition("?")[2].partition("=")[0] in said["error"]


@pytest.mark.parametrize("site", [b"cross-site", b"same-site"])
def test_a_page_of_another_origin_is_refused_though_it_is_of_this_machine(proxy, site):
    for path in ("/stats/requests", f"/stats/requests/{6:012x}", "/stats/series"):
        status, said = asked(proxy, path, b"Sec-Fetch-Site: " + site)
        assert status == 403
        assert SECRET not in json.dumps(said)
    assert asked(proxy, "/stats/requests", b"Sec-Fetch-Site: same-origin")[0] == 200


def test_by_a_name_that_is_not_ours_there_is_neither_page_nor_data(proxy):
    for path in ("/dashboard", "/stats/requests", f"/stats/requests/{6:012x}"):
        raw = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode()
        line, _, _ = answer_of(exchange(proxy.port, raw))
        assert line.split()[1] == b"403"


def test_with_a_token_the_page_comes_to_all_and_the_data_to_who_has_it(tmp_path):
    with proxied(NOWHERE, tmp_path, token="a-long-secret") as proxy:
        assert page_of(proxy)[0] == 200
        for path in ("/stats", "/stats/series", "/stats/requests", "/stats/requests/beef"):
            assert asked(proxy, path)[0] == 401
            assert asked(proxy, path, b"x-headroom-token: wrong")[0] == 401
        assert asked(proxy, "/stats/requests", b"x-headroom-token: a-long-secret")[0] == 200


def test_a_damaged_file_of_edits_is_said_in_words(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "edits.db").write_bytes(b"no database at all" * 99)
    with proxied(NOWHERE, tmp_path) as proxy:
        status, said = asked(proxy, "/stats/requests/beef")
    assert status == 503
    assert "may be removed" in said["error"]


def test_where_no_texts_are_kept_the_data_say_so(tmp_path):
    with proxied(NOWHERE, tmp_path, keep_edits=False) as proxy:
        assert asked(proxy, "/stats/requests")[1]["edits"] is False


def test_an_original_that_is_no_unicode_can_be_shown(tmp_path):
    with proxied(NOWHERE, tmp_path) as proxy:
        shown = ShownEdits(proxy.settings.home)
        shown.add("beef", 1.0, [an_edit("half \ud800")])
        shown.close()
        _, found = asked(proxy, "/stats/requests/beef")
    assert found["edits"][0]["before"] == "half ?"
