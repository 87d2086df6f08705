"""What of a page an agent gets to read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import Sample
from headroom.compressors.html import Html
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, SAFE

REF = "abcdefgh"
SENTENCE = "A sentence, with commas, about the thing that the page is of. "
PAD = f"<script>{'var x = 1;' * 900}</script><style>{'.a { color: red }' * 200}</style>"
DECLARED = '<meta property="og:type" content="article">'


def page(body, head=""):
    return f"<!doctype html><html><head>{head}{PAD}</head><body>{body}</body></html>"


def shown(text, query="", source="", **more):
    proposal = Html().compress(Sample(text, query=query, source=source, ref=REF), BALANCED)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    assert [marker.ref for marker in omissions(proposal.text)] == [REF]
    return proposal.text


def body_of(text, **more):
    return shown(page(text), **more).rsplit("\n\n[… page of", 1)[0]


def paragraphs(count, text=SENTENCE):
    return "".join(f"<p>{number}. {text * 3}</p>" for number in range(count))


def test_scripts_styles_menus_and_hidden_things_go():
    out = shown(
        page(
            '<nav><a href="/a">Menu entry</a><a href="/b">Other</a></nav>'
            '<div class="cookie-banner">We use cookies</div>'
            '<p hidden>hidden one</p><p style="display: none">hidden two</p>'
            f"<main><h1>Title</h1>{paragraphs(3)}</main><footer>Imprint</footer>"
        )
    )
    for gone in ("var x", "color", "Menu entry", "cookies", "hidden one", "hidden two", "Imprint"):
        assert gone not in out
    assert out.startswith("# Title\n\n0. A sentence")
    assert out.endswith('navigation (2 links) omitted · headroom_retrieve("abcdefgh")]')


def test_the_head_tells_title_author_date_and_address():
    head = (
        '<title>On  things</title><meta name="author" content="A. Writer">'
        '<link rel="canonical" href="https://example.org/on-things">'
        '<meta property="article:published_time" content="2026-03-01">'
    )
    out = shown(page(paragraphs(3), head))
    assert out.startswith(
        "# On things\n\n"
        "url: https://example.org/on-things · author: A. Writer · published: 2026-03-01\n\n0. A"
    )


def test_linked_data_tells_what_the_head_does_not():
    linked = (
        '<script type="application/ld+json">{"author": [{"@type": "Person", "name": "B. Writer"}],'
        '"datePublished": "2026-03-02"}</script><meta property="og:url" content="/relative">'
    )
    assert shown(page(paragraphs(3), linked)).startswith(
        "author: B. Writer · published: 2026-03-02"
    )


def test_linked_data_that_names_nobody_is_no_author():
    linked = '<script type="application/ld+json">{"author": {"@id": "#me"}}</script>'
    assert "author" not in shown(page(paragraphs(3), linked))


def test_an_address_that_the_call_names_is_not_said_again():
    head = '<link rel="canonical" href="https://example.org/on-things">'
    out = shown(page(paragraphs(3), head), source='{"url": "https://example.org/on-things"}')
    assert out.startswith("0. A sentence")


def test_links_stand_once_and_without_the_pages_origin():
    out = body_of(
        '<p>See <a href="https://example.org/a">the first</a>, <a href="https://example.org/a">again'
        '</a>, <a href="https://other.example/b"> other </a>, <a href="#x">here</a><a href="#y">¶</a>, '
        '<a href="javascript:go()">act</a>, <a href="https://c.example/">https://c.example/</a>, '
        '<a href="/d"><img src="x.png"></a><a href="has space">odd</a>.</p>' + paragraphs(2),
        source="curl https://example.org/index",
    )
    assert out.startswith(
        "See [the first](/a), again, [other](https://other.example/b) , here, "
        "act, https://c.example/, odd."
    )


def test_a_link_around_blocks_shows_its_address_behind_the_first():
    out = body_of(f'<a href="/x"><h3>Result</h3><p>{SENTENCE}</p></a>{paragraphs(2)}')
    assert out.startswith(f"### Result (/x)\n\n{SENTENCE.strip()}")


def test_an_address_with_a_double_slash_keeps_its_origin():
    out = body_of(
        f'<p><a href="https://example.org//a">x</a> {SENTENCE}</p>', source="https://example.org/"
    )
    assert "[x](https://example.org//a)" in out


def test_code_stands_verbatim_between_fences():
    code = "def f():\n    return  1\n\n\n# &amp; ```"
    out = body_of(
        f'<pre class="highlight"><code class="language-python">{code}</code></pre>'
        f"<pre> </pre><p>Use <code>a  b</code> or <code>`c`</code><code></code> or "
        f'<code><a href="/v">Vec</a>&lt;T></code>. {SENTENCE}</p>'
    )
    assert "````python\ndef f():\n    return  1\n\n\n# & ```\n````" in out
    assert "Use `a b` or `c` or [Vec](/v)<T>." in out


def test_lists_quotes_definitions_and_pictures_read_as_markdown():
    out = body_of(
        "<ul><li>one</li>text<li>two<ul><li>inner</li></ul></li><li> </li></ul><ul></ul>"
        '<ol start="3"><li>three</li><li>four</li></ol><blockquote><p>said</p><p>more</p></blockquote>'
        "<blockquote></blockquote><dl><dt>term</dt><dd>meaning<br>of it</dd><dd></dd></dl>"
        '<p>x<sup>2</sup> a<br><br><br>b <img src="a.png" alt="A chart"><img alt="a.png"></p>'
        f'<figure><img alt="A view"><figcaption>Credit</figcaption></figure><h2></h2><p>{SENTENCE}</p>'
    )
    assert out == (
        "- one\n- two\n  - inner\n\n3. three\n4. four\n\n> said\n>\n> more\n\nterm\n\n"
        ": meaning\n  of it\n\nx^2 a\n\nb ![A chart]\n\n![A view]\n\n" + SENTENCE.strip()
    ).replace(">\n", "\n")


def test_a_table_of_data_is_a_table_and_a_layout_is_not():
    out = body_of(
        '<table><thead><tr><th>name</th><th colspan="2">size | unit</th></tr></thead>'
        "<tbody><caption>c</caption><tr><td>a</td><td>1<br>2</td><td>B</td></tr><tr><td></td><td></td><td></td></tr></tbody>"
        "</table><table><tr><td>Menu</td><td><ul><li>item</li></ul></td></tr></table>"
        f"<table><tr><td>{SENTENCE * 12}</td><td>x</td></tr></table><table><tr></tr></table>"
        "<table><tr><td></td><td></td></tr></table>"
    )
    assert out.startswith(
        "| name | size \\| unit |  |\n|---|---|---|\n| a | 1 2 | B |\n\nMenu\n\n- item"
    )
    assert out.endswith("x")


def test_a_declared_article_is_shown_without_what_stands_around_it():
    out = shown(
        page(
            f'<div id="wrap"><div class="post">{paragraphs(8)}<ul><li><a href="/r">Read next</a></li></ul>'
            f'<p><a href="/m">More on this</a></p></div><div class="comments">{paragraphs(2, "I think. ")}</div>'
            f"<div>{'<p><a href=/t>Teaser, of some length, for another text</a></p>' * 9}</div></div>",
            DECLARED,
        )
    )
    assert "7. A sentence" in out
    for gone in ("Read next", "More on this", "I think", "Teaser"):
        assert gone not in out
    assert "KB of text beside this" not in out


def test_much_text_beside_the_main_text_is_told():
    rest = "".join(f'<div class="comment"><p>{SENTENCE * 9}</p></div>' for _ in range(4))
    out = shown(page(f"<article>{paragraphs(20)}</article>{rest}", DECLARED))
    assert "navigation and 2 KB of text beside this omitted" in out


def test_steps_of_an_article_stay_together():
    steps = "".join(
        f'<div class="step"><div class="in"><p>{SENTENCE * 2}</p></div></div>' for _ in range(9)
    )
    assert (
        shown(page(f"<div>{steps}</div><p><a href='/x'>{'link ' * 30}</a></p>", DECLARED)).count(
            SENTENCE.strip()
        )
        == 18
    )


def test_parts_of_equal_weight_in_an_article_stay_together():
    part = f"<section><div>{paragraphs(3)}</div></section>"
    assert shown(page(f"<main><article>{part * 4}</article></main>")).count("2. A sentence") == 4


def test_an_articles_next_parts_beside_it_are_shown():
    text = shown(
        page(
            f'<div><h2>x</h2><div class="a">{paragraphs(9)}</div><p>{SENTENCE * 3}</p>'
            f'<div class="b">{paragraphs(8)}</div> loose </div>',
            DECLARED,
        )
    )
    assert text.count("7. A sentence") == 2


def test_a_listing_keeps_every_entry():
    rows = "".join(f'<li><a href="/item/{n}">Item {n}</a></li>' for n in range(60))
    out = shown(page(f"<h1>Items</h1><ul>{rows}</ul><div class='pop'>{paragraphs(1)}</div>"))
    assert all(f"[Item {n}](/item/{n})" in out for n in range(60))


def test_a_reference_keeps_all_of_its_main_element():
    out = shown(
        page(f"<main><h1>API</h1><ul><li><a href='/f'>f</a></li></ul>{paragraphs(2)}</main>")
    )
    assert "- [f](/f)" in out


def test_what_the_question_names_is_shown_from_outside_the_main_text():
    text = page(
        f"<article>{paragraphs(9)}</article>"
        '<div class="comments"><p>Set <b>STRIDE_64</b> on ARM, see 4711.</p><p>Else not.</p></div>',
        DECLARED,
    )
    assert "STRIDE_64" not in shown(text, query="what is commas?")
    out = shown(text, query="what does STRIDE_64 do?")
    assert "\n\nElsewhere on the page:\n\n" in out
    assert "STRIDE_64" in out
    assert "Else not" not in out
    assert "Elsewhere" not in shown(text, query="what does UNKNOWN_7 do?")


def test_a_page_without_text_shows_its_description():
    head = '<title>App</title><meta name="description" content="An app that needs scripts.">'
    out = shown(page('<div id="root"></div>', head))
    assert out.startswith("# App\n\nAn app that needs scripts.\n\n[… page of")


def test_lines_before_and_behind_a_page_stand_as_they_were():
    out = shown(f"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{page(paragraphs(3))}\nreal 0.2s\n")
    assert out.startswith("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n0. A sentence")
    assert out.endswith(")]\nreal 0.2s\n")


def test_nothing_is_done_where_nothing_may_be_omitted_or_gained(monkeypatch):
    text = page(paragraphs(3))
    assert Html().compress(Sample(text, ref=REF), SAFE) is None
    assert Html().compress(Sample(text), BALANCED) is None
    assert Html().compress(Sample("<html></html>", ref=REF), BALANCED) is None
    assert Html().compress(Sample("hello " * 99, ref=REF), BALANCED) is None
    plain = f"<html><body><p>{SENTENCE * 200}</p></body></html>"
    assert Html().compress(Sample(plain, ref=REF), BALANCED) is None
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert Html().compress(Sample(text, ref=REF), BALANCED) is None


@pytest.mark.parametrize(
    "tags",
    [
        "<div>" * 200_000,
        "<b>" * 100_000 + "<p>x" * 1_000,
        "</i>" * 50_000 + "<div>" * 50_000,
        "<i><div>" * 90 + "<font color=red>" * 400 + "<p>x</p>" * 60_000,
    ],
)
def test_tags_nested_absurdly_deep_are_left_alone(tags):
    assert Html().compress(Sample(page(tags), ref=REF), BALANCED) is None


@pytest.mark.parametrize("depth", [130, 700])
def test_deep_but_possible_nesting_is_read(depth):
    deep = "<div>" * depth + f"<p>{SENTENCE * 4}</p>" + "</div>" * depth
    out = shown(page(deep + "<b></b>" * depth * 20))
    assert SENTENCE.strip() in out


NAMES = """
p div a table tr td th ul ol li dl dt dd pre code h1 h2 article main nav section sup img br
blockquote span script style form b select figure
"""
TAGS = st.sampled_from(NAMES.split())
TEXT = st.text(alphabet="ab ,.\n<>&;\u00a0`|*#\ud800", max_size=30)
PARTS = st.one_of(
    TEXT,
    TAGS.map("<{}>".format),
    TAGS.map("</{}>".format),
    TAGS.map('<{} class="comment body" href="/x" hidden=no colspan=2 start=7>'.format),
)


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(PARTS, max_size=60), query=st.sampled_from(["", "x1 b_c"]))
def test_any_tag_soup_is_read_and_always_alike(parts, query):
    sample = Sample(page("".join(parts), DECLARED), query=query, ref=REF)
    proposal = Html().compress(sample, AGGRESSIVE)
    assert proposal == Html().compress(sample, AGGRESSIVE)
    if proposal is not None:
        assert [marker.ref for marker in omissions(proposal.text)][-1] == REF


WORDS = st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(sentences=st.lists(WORDS, min_size=3, max_size=12))
def test_every_paragraph_of_a_main_element_is_shown(sentences):
    texts = [", ".join(words) for words in sentences]
    out = shown(page("<nav>menu</nav><main>" + "".join(f"<p>{t}</p>" for t in texts) + "</main>"))
    assert "\n\n".join(texts) in out


def test_a_page_that_is_no_article_keeps_its_table_beside_a_long_text():
    table = "<table><tr><td>limit</td><td>4711</td></tr></table>"
    out = body_of(f"<div>{paragraphs(9)}</div>{table}")
    assert "| limit | 4711 |" in out


def test_a_page_that_is_no_article_loses_only_links_beside_its_text():
    links = "".join(f'<a href="/{n}">entry {n}</a> ' for n in range(20))
    out = body_of(f"<div><div>{paragraphs(9)}</div></div><div>{links}</div>")
    assert "8. A sentence" in out
    assert "entry 3" not in out


def test_a_forum_keeps_its_comments_and_an_article_in_linked_data_does_not():
    posts = "".join(f'<div class="comment"><p>{n} {SENTENCE}</p></div>' for n in range(6))
    linked = '<script type="application/ld+json">{"@type": "NewsArticle"}</script>'
    assert "5 A sentence" in shown(page(f"<div>{paragraphs(9)}</div>{posts}"))
    assert "5 A sentence" not in shown(page(f"<div>{paragraphs(9)}</div>{posts}", linked))


def test_a_heading_slug_is_no_name_that_speaks_against_content():
    out = body_of(f'<div id="sharing-the-cookie-with-other-tools">{SENTENCE}</div><p>x</p>')
    assert SENTENCE.strip() in out


def test_blocks_inside_a_heading_or_a_cell_are_one_line():
    out = body_of(
        f"<h2>a<div>b</div>c</h2><table><tr><td><p>d</p><p>e</p></td><td>f</td></tr></table>{paragraphs(2)}"
    )
    assert out.startswith("## ab c\n\n| d e | f |\n\n")


def test_breaks_in_code_are_line_ends():
    assert "```\na\nb\n```" in body_of(f"<pre>a<br>b</pre>{paragraphs(2)}")


def test_a_share_button_inside_an_articles_text_goes():
    text = f'<p>{SENTENCE} Before <span class="share">Tweet</span> behind.</p>' + paragraphs(3)
    assert "Before behind." in shown(page(f"<article>{text}</article>"))


def test_a_step_is_not_taken_for_the_article():
    steps = "".join(
        f"<div><h2>{n}</h2><div><div><div><p>{SENTENCE * 2}</p></div></div></div></div>"
        for n in range(9)
    )
    assert "## 8" in shown(page(f"<div><div>{steps}</div></div><p>end</p>", DECLARED))


def test_a_page_of_frames_is_left_with_its_title():
    text = f"<html><head><title>Frames</title>{PAD}</head><frameset><frame src=a></frameset></html>"
    assert shown(text).startswith("# Frames\n\n[… page of")


def test_a_title_that_says_more_than_the_first_heading_is_not_said_twice():
    head = "<title>Release notes | Example</title>"
    out = shown(page(f"<main><h1>Release notes</h1>{paragraphs(2)}</main>", head))
    assert out.startswith("# Release notes\n\n0. A")
