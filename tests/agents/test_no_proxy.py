import pytest

from headroom.agents import no_proxy

CORPORATE = {"HTTPS_PROXY": "http://proxy.example.com:3128"}


@pytest.mark.parametrize(
    ("own", "environ", "wanted"),
    [
        ({}, {}, ""),
        ({}, {"NO_PROXY": "a.example"}, ""),
        ({}, CORPORATE, "127.0.0.1"),
        ({}, CORPORATE | {"NO_PROXY": "a.example"}, "a.example,127.0.0.1"),
        ({}, CORPORATE | {"NO_PROXY": "a.example", "no_proxy": "b.example"}, "b.example,127.0.0.1"),
        ({}, CORPORATE | {"NO_PROXY": "a.example, 127.0.0.1"}, ""),
        ({}, CORPORATE | {"no_proxy": "*"}, ""),
        ({}, {"all_proxy": "socks5://proxy.example.com"}, "127.0.0.1"),
        ({}, {"HTTP_PROXY": ""}, ""),
        (CORPORATE, {}, "127.0.0.1"),
        ({"HTTP_PROXY": 3}, {}, ""),
        ({"NO_PROXY": "a.example"}, CORPORATE | {"NO_PROXY": "127.0.0.1"}, "a.example,127.0.0.1"),
        ({"NO_PROXY": "127.0.0.1"}, CORPORATE, "127.0.0.1"),
    ],
)
def test_this_machine_is_named_where_a_proxy_would_be_asked_for_it(own, environ, wanted):
    assert no_proxy.needed(own, environ) == wanted
