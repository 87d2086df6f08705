import pytest

from headroom.proxy.headers import to_client, to_upstream, value_of


def test_all_that_concerns_both_ends_crosses_in_order_and_spelling():
    sent = [
        (b"X-Api-Key", b"sk"),
        (b"anthropic-Beta", b"a,b"),
        (b"x-app", b"cli"),
        (b"x-app", b"2"),
    ]
    assert to_upstream(sent) == [
        ("X-Api-Key", "sk"),
        ("anthropic-Beta", "a,b"),
        ("x-app", "cli"),
        ("x-app", "2"),
    ]


def test_what_concerns_one_connection_stays_on_it():
    sent = [
        (b"Host", b"127.0.0.1"),
        (b"Connection", b"keep-alive, X-Mine"),
        (b"x-mine", b"1"),
        (b"Keep-Alive", b"5"),
        (b"TE", b"trailers"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Content-Length", b"5"),
        (b"Proxy-Authorization", b"secret"),
        (b"X-Headroom-Raw", b"1"),
        (b"kept", b"yes"),
    ]
    assert to_upstream(sent) == [("kept", "yes")]
    back = [(b"Connection", b"close"), (b"Retry-After", b"3"), (b"transfer-encoding", b"chunked")]
    assert to_client(back) == [(b"Retry-After", b"3")]


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [
        (b"gzip, deflate, br, zstd", "gzip, deflate, zstd"),
        (b"br;q=1.0, gzip;q=0.5", "gzip;q=0.5"),
        (b"br", "identity"),
        (b"*", "identity"),
        (b"", "identity"),
    ],
)
def test_only_codings_that_can_be_read_here_are_asked_for(accepted, asked):
    assert to_upstream([(b"Accept-Encoding", accepted)]) == [("Accept-Encoding", asked)]


def test_nothing_is_asked_for_where_the_client_asks_for_nothing():
    assert to_upstream([(b"a", b"b")]) == [("a", "b")]


def test_a_body_that_was_written_anew_is_no_longer_coded():
    sent = [(b"Content-Encoding", b"zstd"), (b"content-type", b"application/json")]
    assert to_upstream(sent, recoded=True) == [("content-type", "application/json")]
    assert to_upstream(sent) == [
        ("Content-Encoding", "zstd"),
        ("content-type", "application/json"),
    ]


def test_the_first_value_of_a_header_is_found_in_any_spelling():
    assert value_of([(b"A", b"1"), (b"a", b"2")], b"a") == "1"
    assert value_of([], b"a") == ""
