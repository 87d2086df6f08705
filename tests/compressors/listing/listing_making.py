"""Listings as the tools print them, of any folders: what the property tests fold and read back."""

from hypothesis import strategies as st

NAMES = st.one_of(
    st.sampled_from(
        [
            "a.py",
            "b.py",
            "README.md",
            "src",
            "x y.txt",
            "[slug].tsx",
            '"q"',
            "{a..b}",
            ":",
            "a:",
            "ü.md",
            "-",
            "…",
            "d.e.f",
        ]
    ),
    st.from_regex(r"img_0(0[0-9]|1[0-2])\.png", fullmatch=True),
    st.text(
        st.characters(exclude_characters="/\n\0", exclude_categories=["Cs"]), min_size=1, max_size=6
    ),
)
FOLDERS = st.lists(
    st.sampled_from([".", "src", "lib", "node_modules", "a b", "[id]", "deep", "docs"]), max_size=5
).map(lambda parts: "".join(f"{part}/" for part in parts))


def runs(draw):
    """Folders, each with names that stand in it."""
    return draw(
        st.lists(
            st.tuples(FOLDERS, st.lists(NAMES, min_size=1, max_size=14)), min_size=1, max_size=12
        )
    )


@st.composite
def path_lists(draw):
    """Bare paths, other lines between them."""
    lines = [folder + name for folder, names in runs(draw) for name in names]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(
            at,
            draw(
                st.sampled_from(["", "find: ‘/proc/1’: Permission denied", "a sentence, of words"])
            ),
        )
    return "\n".join(lines)


@st.composite
def row_lists(draw):
    """Paths behind a status, a size or a hash."""
    heads = draw(
        st.sampled_from(
            [
                (" M ", "?? ", "A  "),
                ("M\t", "R100\t"),
                ("4.0K\t", "12K\t", "8\t"),
                ("     67 ", "   1234 "),
                ("ab" * 16 + "  ",),
            ]
        )
    )
    return "\n".join(
        draw(st.sampled_from(heads)) + folder + name
        for folder, names in runs(draw)
        for name in names
        if not (folder + name)[0].isspace()
    )


def long_rows(draw, names, widths):
    rows = [
        (
            draw(
                st.sampled_from(
                    ["-rw-r--r--"] * 6 + ["-rwxr-xr-x", "lrwxrwxrwx"] + ["drwxr-xr-x"] * 3
                )
            ),
            str(draw(st.sampled_from([1, 1, 1, 2, 12]))),
            draw(st.sampled_from(["root"] * 8 + ["anna"])),
            draw(st.sampled_from(["root"] * 8 + ["staff"])),
            str(draw(st.integers(0, 10**6))),
            draw(st.sampled_from(["Apr  7", "Nov 22"])),
            draw(st.sampled_from(["15:38", " 2025"])),
            name,
        )
        for name in names
    ]
    if not rows:
        return []
    most = [max(max(len(row[at]) for row in rows), widths[at]) for at in range(5)]
    return [
        f"{row[0]:<{most[0]}} {row[1]:>{most[1]}} {row[2]:<{most[2]}} {row[3]:<{most[3]}} {row[4]:>{most[4]}} {' '.join(row[5:])}"
        for row in rows
    ]


@st.composite
def long_lists(draw):
    """`ls -l` of one folder or of several, sometimes in wider columns than its rows need."""
    names = NAMES.filter(lambda name: not name[0].isspace() and "\r" not in name)
    folders = draw(st.lists(st.lists(names, max_size=14), min_size=1, max_size=4))
    widths = draw(st.sampled_from([(0, 0, 0, 0, 0), (10, 3, 8, 8, 8)]))
    lines = []
    for number, inside in enumerate(folders):
        lines += ([f"./d{number}:"] if len(folders) > 1 else []) + [
            "total 12",
            *long_rows(draw, inside, widths),
            "",
        ]
    return "\n".join(lines[:-1])


def drawn(tree, style, bars=""):
    """A tree of `(name, children)` as lines."""
    out = []
    for at, (name, children) in enumerate(tree):
        last = at == len(tree) - 1
        out.append(bars + style[1 if last else 0] + name)
        out += drawn(children, style, bars + (style[3] if last else style[2]))
    return out


@st.composite
def trees(draw):
    """What `tree` prints, in both its ways of drawing."""
    names = NAMES.filter(lambda name: not name[0].isspace())
    forest = st.recursive(
        st.lists(st.tuples(names, st.just([])), max_size=8),
        lambda inner: st.lists(st.tuples(names, inner), max_size=5),
        max_leaves=30,
    )
    style = draw(
        st.sampled_from([("├── ", "└── ", "│\xa0\xa0 ", "    "), ("|-- ", "`-- ", "|   ", "    ")])
    )
    return "\n".join([".", *drawn(draw(forest), style), "", "3 directories, 9 files"])


@st.composite
def recursive_lists(draw):
    """What `ls -R` prints."""
    plain = st.sampled_from(
        ["./a", "./a/b", "./a/b/c", "./node_modules", "./node_modules/x", "src", "src/[id]", "e"]
    )
    folders = draw(st.lists(plain, min_size=3, max_size=9, unique=True))
    return "\n\n".join(
        "\n".join([f"{folder}:", *draw(st.lists(NAMES, max_size=12))]) for folder in folders
    )
