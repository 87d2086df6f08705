"""The way back from a folded table to the very text, written from the format's description.

Rows are read by the decoder of the JSON rows; this file knows how tables are drawn.
"""

import re

from decoder import Decoder
from spelling import MISSING, Number, Scanner

TITLE = re.compile(r"table: (\d+) rows \((.*)\)\Z")
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d*)?(?:[eE][-+]?\d+)?%?\Z")
LITERAL = re.compile(r"(?:[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|NA|NULL|)\Z")
DELIMITERS = {"CSV": ",", "TSV": "\t", "CSV by ;": ";", "CSV by |": "|"}


def original(text):
    """The text that a lossless proposal decodes to."""
    lines = text.split("\n")
    made, crlf = [], False
    while lines:
        title = TITLE.match(lines[0])
        if title is None:
            made.append(lines.pop(0))
            continue
        words = title[2]
        crlf = crlf or words.endswith(", CRLF line ends")
        block, lines = taken(lines, int(title[1]))
        made += table(block, int(title[1]), words.removesuffix(", CRLF line ends"))
    whole = "\n".join(made)
    return whole.replace("\n", "\r\n") if crlf else whole


def taken(lines, size):
    """The lines of a block, and those behind it."""
    at = next(n for n, line in enumerate(lines) if line.startswith("columns:")) + 1
    while size and lines[at - 1] != "columns:":
        size -= not lines[at].startswith("## ")
        at += 1
    return lines[:at], lines[at:]


def table(block, size, words):
    ruler = next((line[7:] for line in block if line.startswith("ruler: ")), None)
    order = next((line[7:] for line in block if line.startswith("order: ")), None)
    other = ("ruler: ", "order: ")
    facts = [line for line in block[1:] if line != "columns:" and not line.startswith(other)]
    rows = Decoder("\n".join([f"{size} records", *facts])).value()
    header = next((line[9:] for line in block if line.startswith("columns: ")), "")
    names = names_of(order if order is not None else header)
    cells = [[spelled(row.get(name, MISSING)) for name in names] for row in rows]
    return drawn(names, cells, words, ruler)


def names_of(header):
    scan = Scanner(header)
    names = []
    while True:
        names.append(scan.path()[0])
        scan.at(":str") or scan.at(":json")
        if not scan.at(","):
            return names


def spelled(value):
    if value is MISSING:
        return ""
    if isinstance(value, Number):
        return value.spelled
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    assert isinstance(value, str)
    return value


def drawn(names, rows, words, ruler):
    kind = re.match(r"CSV by .|CSV|TSV|Markdown|psql|box|aligned", words)[0]
    said = words[len(kind) :]
    if kind in DELIMITERS:
        return delimited(names, rows, DELIMITERS[kind], said)
    if kind == "aligned":
        return aligned(names, rows, said, ruler)
    return ruled(kind, names, rows, said, ruler)


def delimited(names, rows, delimiter, said):
    every = rows if ", no header" in said else [names, *rows]
    said = said.replace(", no header", "")

    def cell(text):
        needs = any(sign in text for sign in (delimiter, '"', "\n", "\r"))
        if said == ", all but numbers quoted":
            needs = not LITERAL.match(text)
        return '"' + text.replace('"', '""') + '"' if needs or said == ", all quoted" else text

    return [delimiter.join(map(cell, row)) for row in every]


def right_columns(names, rows, said, numbers_right):
    listed = re.search(r", right-aligned: (.*)\Z", said)
    if listed:
        right = names_of(listed[1])
        return [name in right for name in names]
    if "all left-aligned" in said or not numbers_right:
        return [False] * len(names)
    return [
        any(cells) and all(NUMBER.match(cell) for cell in cells if cell)
        for cells in zip(*rows, strict=True)
    ]


def ruled(kind, names, rows, said, ruler):
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    if (ruler and ", padded" in said) or kind != "Markdown":
        widths = list(map(max, widths, ruler_widths(kind, ruler, len(names))))
    right = right_columns(names, rows, said, kind != "Markdown")
    if kind == "Markdown" and ", padded" not in said:
        body = ["| " + " | ".join(row) + " |" for row in [names, *rows]]
        usual = "|" + "---|" * len(names)
        spaced = "| " + " | ".join(["---"] * len(names)) + " |"
        return [body[0], ruler or (spaced if "spaced ruler" in said else usual), *body[1:]]
    if kind == "Markdown":
        widths = [max(width, 3) for width in widths]
    head = []
    for name, width, to_right in zip(names, widths, right, strict=True):
        way = "left" if kind == "box" else "as cells"
        way = next((w for w in ("left", "centred", "as cells") if f"header {w}" in said), way)
        if kind == "psql" or way == "centred":
            head.append((" " * ((width - len(name)) // 2) + name).ljust(width))
        else:
            head.append(name.rjust(width) if to_right and way == "as cells" else name.ljust(width))
    body = [
        [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)]
        for row in rows
    ]
    if kind == "psql":
        return psql(head, body, rows, widths, right, said)
    if kind == "Markdown":
        usual = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        spaced = "| " + " | ".join("-" * width for width in widths) + " |"
        lines = ["| " + " | ".join(row) + " |" for row in [head, *body]]
        return [lines[0], ruler or (spaced if "spaced ruler" in said else usual), *lines[1:]]
    return box(head, body, widths, said)


def ruler_widths(kind, ruler, size):
    if ruler is None:
        return [0] * size
    if kind == "box":
        runs = re.findall(f"{re.escape(ruler[1])}+", ruler[1:-1])
    elif kind == "psql":
        runs = ruler.split("+")
    else:
        runs = ruler.removeprefix("|").removesuffix("|").split("|")
    return [len(run) - 2 for run in runs]


def psql(head, body, rows, widths, right, said):
    lines = [" " + " | ".join(row) + " " for row in [head, *body]]
    if ", ends trimmed" in said:
        lines = [line.rstrip() for line in lines]
    elif ", ends padded" not in said:
        for number, row in enumerate(rows, 1):
            spare = 1 if right[-1] else 1 + widths[-1] - len(row[-1])
            lines[number] = lines[number][:-spare]
    return [lines[0], "+".join("-" * (width + 2) for width in widths), *lines[1:]]


def box(head, body, widths, said):
    frame = re.match(r" (\S{4}(?: \S{4}){2,3} \S\S)(?:,|\Z)", said)
    *rulers, bars = frame[1].split(" ") if frame else ["+-++", "+-++", "+-++", "||"]

    def rule(chars):
        return chars[0] + chars[2].join(chars[1] * (width + 2) for width in widths) + chars[3]

    def line(row, bar):
        return f"{bar} " + f" {bar} ".join(row) + f" {bar}"

    lines = [line(row, bars[1]) for row in body]
    if len(rulers) == 4:
        lines = [part for row in lines for part in (rule(rulers[2]), row)][1:]
    return [rule(rulers[0]), line(head, bars[0]), rule(rulers[1]), *lines, rule(rulers[-1])]


def aligned(names, rows, said, ruler):
    every = [names, *rows]
    widths = [max(len(c) for c in column) for column in zip(*every, strict=True)]
    by = re.match(r" by (\d+) blanks?", said)
    if by:
        places, at = [], 1
        for width in widths:
            places.append(at)
            at += width + int(by[1])
    else:
        places = [int(place) for place in re.match(r" at (-?\d+(?:,-?\d+)*)", said)[1].split(",")]
    if ", ruled" in said:
        every.insert(1, ["-" * width for width in widths])
    lines = []
    for row in every:
        line = ""
        for cell, place, width in zip(row, places, widths, strict=True):
            if place > 0:
                line = line.ljust(place - 1) + cell.ljust(width)
            else:
                line += cell.rjust(-place - len(line))
        kept = len(row[-1]) - len(row[-1].rstrip())
        lines.append(line if ", padded" in said else line.rstrip() + " " * kept)
    if ", ruled" in said:
        lines[1] = ruler or lines[1].rstrip()
    return lines
