"""What is taken for a web page, and what only holds one."""

import json

import pytest

from headroom.compressors import Sample
from headroom.compressors.html import Html, available
from headroom.compressors.html.recognition import address, page_span

PAGE = "<!DOCTYPE html>\n<html><head><title>x</title></head><body><p>hello</p></body></html>"
CELLS = '<tr class="row"><td>a</td><td>b</td></tr>' * 9


def score(text, tool="", source=""):
    return Html().score(Sample(text, tool=tool, source=source))


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "\n  <html lang='en'><body>hello</body></html>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html><body></body></html>',
        "<!-- saved from url -->\n<!doctype html><html></html>",
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}",
        "  % Total    % Received\n   Dload  Upload\n100  1256\n" + PAGE,
        f"HTTP/1.1 200 OK\nServer: x\n\n{PAGE.partition('</body>')[0]}",
    ],
)
def test_a_page_is_recognised(text):
    assert score(text) >= 0.9


def test_a_dense_fragment_is_likely_a_page():
    assert 0.6 <= score(f'<div class="x"><table>{CELLS}</table></div>') < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain prose about <html> tags",
        f"Uploading\n=========\n\nAn example:\n\n{PAGE.partition('</html>')[0]}\n" + "text " * 900,
        f"Uploading\n=========\n\nAn example:\n\n{PAGE}\n" + "more text. " * 900,
        '<?xml version="1.0"?><rss version="2.0"><channel><item/></channel></rss>',
        '<?xml version="1.0"?><urlset><url><loc>x</loc></url></urlset>',
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
        "<?php echo 1; ?><div>" + CELLS,
        f'<div v-if="x">{CELLS}</div>',
        f"<div>{{{{ name }}}}{CELLS}</div>",
        f'<div className="x">{CELLS}</div>',
        "<div>hello</div>",
        "<p>one tag, then a great deal of prose " + "and more of it " * 300,
        "   1\t<!DOCTYPE html>\n   2\t<html>",
        json.dumps({"html": PAGE}),
    ],
)
def test_other_texts_are_not_pages(text):
    assert score(text) < 0
    assert page_span(text) is None


@pytest.mark.parametrize(
    ("tool", "source"),
    [
        ("Read", '{"file_path": "/home/user/project/index.html"}'),
        ("bash", '{"command": "cat templates/index.html"}'),
        ("bash", '{"command": "sed -n 1,40p index.html"}'),
        ("Write", '{"file_path": "a.html", "content": "<html>"}'),
        ("fetch_file", '{"path": "src/App.vue"}'),
    ],
)
def test_a_local_file_is_code(tool, source):
    assert score(PAGE, tool, source) < 0


@pytest.mark.parametrize(
    ("tool", "source"),
    [
        ("WebFetch", '{"url": "https://example.org/a.html", "prompt": "x"}'),
        ("bash", '{"command": "curl -s https://example.org/a.html"}'),
    ],
)
def test_a_fetched_page_is_a_page(tool, source):
    assert score(PAGE, tool, source) > 0


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{"url": "https://example.org/a?b=1"}', "https://example.org/a?b=1"),
        ('{"url": "https:\\/\\/example.org\\/a"}', "https://example.org/a"),
        ('["https:\\/\\/example.org"]', ""),
        ('{"broken \\', ""),
        ("curl https://example.org/a https://example.org/b", ""),
        ("", ""),
    ],
)
def test_the_address_is_the_only_one_that_the_call_names(source, found):
    assert address(source) == found


def test_what_stands_before_and_behind_a_page_is_not_of_it():
    text = f"HTTP/1.1 200 OK\n\n{PAGE}\nreal 0.1s\n"
    span = page_span(text)
    assert text[span.start : span.end].strip() == PAGE
    assert text[span.end :] == "real 0.1s\n"


def test_without_the_parser_nothing_is_a_page(monkeypatch):
    assert available()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not available()
    assert score(PAGE) < 0
