"""A block of lines of ours in a text of the user's, between two comment lines; and whole files."""

from headroom.plans._api import KeyChange, Unreadable, Value

BEGIN = "# >>> headroom >>>"
END = "# <<< headroom <<<"
_SAYS = "# Written by `headroom`; taken out by `headroom unwrap`."


class LinesEditor:
    """Edits of texts whose comments begin with `#`. There is one block of ours, or none."""

    def read(self, text: str) -> Value:
        """The lines of our block."""
        found = _found(text)
        if found is None:
            return []
        inside = text[found[0] : found[1]].splitlines()[1:-1]
        return [line for line in inside if line != _SAYS]

    def put(self, text: str, change: KeyChange) -> str:
        """The text with our block in it: where it is already, else last."""
        if not isinstance(change.value, list):
            raise TypeError("a block is a list of lines")
        newline = "\r\n" if "\r\n" in text else "\n"
        lines = [BEGIN, _SAYS, *(str(line) for line in change.value), END]
        block = "".join(f"{line}{newline}" for line in lines)
        if found := _found(text):
            return text[: found[0]] + block + text[found[1] :]
        return text + ("" if not text or text.endswith("\n") else newline) + block

    def drop(self, text: str, change: KeyChange) -> str:
        """The text without our block."""
        found = _found(text)
        return text if found is None else text[: found[0]] + text[found[1] :]


class WholeEditor:
    """Files that are all ours."""

    def read(self, text: str) -> Value:
        """The text itself."""
        return text

    def put(self, text: str, change: KeyChange) -> str:
        """Our text."""
        return str(change.value)

    def drop(self, text: str, change: KeyChange) -> str:
        """Nothing, of a text that is still ours; else what the user made of it."""
        return "" if text == change.value else text


def _found(text: str) -> tuple[int, int] | None:
    """From the first line of our block to behind its last."""
    start, end = text.find(BEGIN), text.find(END)
    if start < 0 and end < 0:
        return None
    if not 0 <= start < end or text.count(BEGIN) != 1 or text.count(END) != 1:
        raise Unreadable(f"our block is broken: it must stand between one {BEGIN!r} and {END!r}")
    behind = text.find("\n", end)
    return start, len(text) if behind < 0 else behind + 1
