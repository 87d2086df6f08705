"""What the rows of one kind have in common, said once as a sample row.

    "SIZE TIME NAME" is "-rw-r--r-- 1 root root SIZE Apr 7 TIME NAME"

A column is part of the template where nearly all rows agree in it. It knows rows as fields;
lines and folders are others' concern.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.compressors.listing.columns import Layout, squeezed

_AGREED = 0.85

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """What rows of one kind share: the fields `values` at the columns `shared`. The columns
    `shown` stand in each row. Behind the name of a folder stands a slash: `own` where it stood
    there before, `slash` where it was put there."""

    columns: tuple[str, ...]
    shared: tuple[int, ...]
    values: tuple[str, ...]
    shown: tuple[int, ...]
    slash: str = ""
    own: str = ""

    def fits(self, row: Row) -> bool:
        """Whether a row shares what is said once."""
        return tuple([row[at] for at in self.shared]) == self.values

    def written(self, row: Row, name: str) -> str:
        """The row as what it does not share, and its name."""
        return f"{squeezed(' '.join([row[at] for at in self.shown]))} {name}{self.slash}"

    def told(self) -> str:
        """What a row stands for, in words."""
        said = dict(zip(self.shared, map(squeezed, self.values), strict=True))
        short = " ".join([self.columns[at] for at in self.shown])
        full = " ".join([said.get(at, name) for at, name in enumerate(self.columns)])
        return f'"{short} NAME{self.slash}{self.own}" is "{full} NAME{self.own}"'


def template(layout: Layout, rows: Sequence[Row], *, strict: bool, folders: bool) -> Template:
    """The template of rows of one kind; `strict` allows no exception. A number leads the rows
    (of files the size, of folders the links), so that all begin with a digit."""
    names = layout.columns
    lead = names.index("LINKS" if folders and "LINKS" in names else "SIZE")
    least = len(rows) if strict else _AGREED * len(rows)
    common = [Counter(column).most_common(1)[0] for column in zip(*rows, strict=True)]
    shared = [at for at in range(len(names)) if at != lead and common[at][1] >= least]
    own = folders and all([row[-1].endswith("/") for row in rows])  # noqa: C419
    return Template(
        names,
        tuple(shared),
        tuple([common[at][0] for at in shared]),
        (lead, *[at for at in range(len(names)) if at != lead and at not in shared]),
        "/" if folders and not own else "",
        "/" if own else "",
    )
