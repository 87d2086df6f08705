"""The lossless form of a JSON text: a fold where there are tables, else compact JSON."""

from headroom.compressors.json_rows.blocks import Folded, fold_document
from headroom.compressors.json_rows.reader import Document, read
from headroom.compressors.json_rows.tables import find_tables
from headroom.compressors.json_rows.values import compact
from headroom.compressors.json_rows.weight import close_weight, weight_of_text

_SURELY_LESS = 0.97
"""The estimate of a fold against that of its JSON; below it, exact counts agreed on all data."""

_FAR_LESS = 0.5
"""The same against a text that may be indented, which costs less than twice its compact JSON."""


def fold(text: str) -> str | None:
    """`text` said shorter without loss, or None where there is nothing to gain or where it
    could not be given back exactly."""
    document = read(text)
    if document is None:
        return None
    try:
        return shortest(text, document, fold_document(document, find_tables(document.value)))
    except (TypeError, RecursionError):
        return None


def compact_document(document: Document) -> str:
    """The document as compact JSON, one value a line where it came so."""
    if document.lines:
        return "\n".join(map(compact, document.value))
    return compact(document.value)


def shortest(text: str, document: Document, folded: Folded | None) -> str | None:
    """The fold or the compact JSON, whichever is less; None where neither is less."""
    said = None if folded is None else folded.text()
    if said is not None and weight_of_text(said) < _FAR_LESS * weight_of_text(text):
        return said
    best = compact_document(document)
    if said is not None and close_weight(said) < _SURELY_LESS * close_weight(best):
        best = said
    return best if len(best) < len(text) else None
