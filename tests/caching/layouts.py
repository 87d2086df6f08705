"""Requests as layouts, for the tests of the cache's rooms."""

import json

from headroom.caching.laying import Said, Sent, layout_of
from headroom.caching.layout import Layout, Piece, Zone
from headroom.caching.rules import rules_for
from headroom.edits import Measure
from headroom.wire import by_name, read

MODEL = "claude-sonnet-4-5"
NOON = 1_700_006_400.0


def said(body, form="anthropic_messages"):
    """A body as it is read; bytes are taken as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    tree = read(raw)
    return Said(raw, tree, by_name(form).view(tree))


def layout(body, form="anthropic_messages", model=MODEL, **sent):
    """The layout of a request that went as it came, or whose texts have these measures."""
    read_body = said(body, form)
    texts = [block.text for message in read_body.talk.messages for block in message.blocks]
    measures = sent.pop("measures", None) or [Measure(len(text), len(text)) for text in texts]
    return layout_of(form, model, read_body, Sent(measures, True, **sent))


def digests(body, form="anthropic_messages"):
    return [piece.digest for piece in layout(body, form).pieces]


def piece(name, before=1_000, after=None, mark="", zone=Zone.MESSAGES, **more):
    """A piece by name, that went as it came unless it is said to be shorter."""
    after = before if after is None else after
    plain = {
        "zone": zone,
        "at": 0,
        "name": "user",
        "digest": name.encode(),
        "before": before,
        "after": after,
        "sent": hash((name, after)),
        "mark": mark,
        "sent_mark": mark,
    }
    return Piece(**{**plain, **more})


def row(*pieces, form="anthropic_messages", model=MODEL, exact=True, **more):
    """A layout of pieces made by hand."""
    return Layout(model, rules_for(form, model), pieces, exact, **more)
