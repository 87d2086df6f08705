"""An original as bytes and back, exactly, whatever its text holds (lone surrogates included)."""

_ERRORS = ("strict", "surrogateescape", "surrogatepass")


def to_bytes(text: str) -> bytes:
    """UTF-8. Bytes that were never UTF-8 (read with `surrogateescape`) come out as they were."""
    for errors in _ERRORS:
        try:
            data = text.encode("utf-8", errors)
        except UnicodeEncodeError:
            continue
        if errors == "strict" or to_text(data) == text:
            return data
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    """The text that `to_bytes` made these bytes from."""
    for errors in ("strict", "surrogatepass"):
        try:
            return data.decode("utf-8", errors)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "surrogateescape")
