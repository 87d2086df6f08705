"""Reads a folded listing back, as its header says and with nothing else to go by."""

import json
import re

GAP = re.compile(r"\[… ([\d,]+) lines?, (?:(\d+)-)?(\d+): [^\]]*\]")
_WORD = re.compile(rf'{GAP.pattern}|"(?:[^"\\]|\\.)*"|\S+')
_RANGE = re.compile(r"(.*)\{(\d+)\.\.(\d+)\}(.*)\Z", re.DOTALL)
_OPENING = re.compile(r"(\S*/)?:(?: |\Z)")
_PATHS = re.compile(r"\[([\d,]+) paths(?:; .*)?\]\Z")
_ROWS = re.compile(r"\[([\d,]+) lines: (a tab|\d+ columns), then the name(?:; .*)?\]\Z")
_TREE = re.compile(r"\[tree( -F)? drawn with (.*); here a space of indentation a level(, .*)?\]\Z")
_RECURSIVE = re.compile(r"\[ls -R of ([\d,]+) folders, one a line: .*\]\Z")
_COLUMNS = re.compile(
    r"\[(?:([\d,]+) rows of )?(ls -l|find -ls|tar tv|unzip -l), equal columns said once: (.*)\]\Z"
)
_TEMPLATE = re.compile(r'"([A-Z ]+NAME/?)" is "([^"]+ NAME/?)"')
_PADDED = re.compile(r'padded as "([^"]*) NAME"')
_PADDING = {
    "ls -l": "%-*s %*s %-*s %-*s %*s %s %s ",
    "find -ls": "%*s %*s %-*s %*s %-*s %-*s %*s %s %s ",
    "tar tv": "%-*s %-*s %*s %s %s ",
    "unzip -l": "%*s  %s %s   ",
}


_LS_ROW = re.compile(
    r"([-dlbcpsD][-rwxsStT]{9}[.+@]?) +(\d+) (\S+) +(\S+) +([0-9][0-9.,]*[KMGTPE]?) "
    r"([A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}) ( ?\d\d:?\d\d\S*(?: [+-]\d{4})?) (.+)\Z"
)
_TAR_ROW = re.compile(
    r"([-dlbcpsD][-rwxsStT]{9}) (\S+/\S+) +(\d+) (\d{4}-\d\d-\d\d) (\d\d:\d\d) (.+)\Z"
)


def told(lines):
    """How many lines these stand for, gaps with what they hide."""
    return sum(number(found[1]) if (found := GAP.fullmatch(line)) else 1 for line in lines)


def number(text):
    return int(text.replace(",", ""))


def words(text):
    """The names of one line, ranges and quotes undone; gaps stay."""
    out = []
    for found in _WORD.finditer(text):
        word = found[0]
        span = _RANGE.match(word)
        if GAP.fullmatch(word):
            out.append(word)
        elif word.startswith('"'):
            out.append(json.loads(word))
        elif span:
            for value in range(int(span[2]), int(span[3]) + 1):
                out.append(f"{span[1]}{value:0{len(span[2])}}{span[4]}")
        else:
            out.append(word)
    return out


class Folders:
    """Which folder is open at which indentation."""

    def __init__(self):
        self.opened = []

    def at(self, line):
        """The folder around an indented line, and the line without its indentation."""
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        assert depth <= len(self.opened)
        del self.opened[depth:]
        return "".join(self.opened), bare

    def open(self, relative):
        self.opened.append(relative)


def paths(lines, count):
    """The next `count` paths of an iterator of lines."""
    out = []
    folders = Folders()
    while told(out) < count:
        base, bare = folders.at(next(lines))
        opening = _OPENING.match(bare)
        if opening:
            base += opening[1] or ""
            if opening[1]:
                folders.open(opening[1])
            out += [
                name if GAP.fullmatch(name) else base + name
                for name in words(bare[opening.end() :])
            ]
        elif re.fullmatch(r"[^\s\"]*/", bare):
            folders.open(bare)
        else:
            out += [name if GAP.fullmatch(name) else base + name for name in words(bare)]
    return out


def rows(lines, count, layout):
    """The next `count` lines that have something before their path."""
    out = []
    folders = Folders()
    while told(out) < count:
        line = next(lines)
        width = line.index("\t") + 1 if layout == "a tab" else int(layout.split()[0])
        head, path = line[:width], line[width:]
        base, bare = folders.at(path)
        if head.strip():
            out.append(head + base + bare)
        elif GAP.fullmatch(bare):
            out.append(bare)
        else:
            folders.open(bare)
    return out


def tree(lines, match):
    """All drawn trees of a text."""
    marked, joined = match[1], match[3]
    drawn = dict.fromkeys(re.findall(r'"([^"]*)"', match[2]))
    part = {"branch": "", "last": "", "bar": ""}
    for each in drawn:
        part["last" if each[0] in "└`\\" else "branch" if each[1] in "─-" else "bar"] = each
    nodes = []
    source = list(lines)
    for at, line in enumerate(source):
        bare = line.lstrip(" ")
        level = len(line) - len(bare) - 1
        if level < 0:
            nodes.append((-1, line))
        elif not joined:
            nodes.append((level, bare))
        else:
            deeper = at + 1 < len(source) and re.match(rf" {{{level + 2}}}", source[at + 1])
            if deeper and bare.endswith("/"):
                name = bare if marked else bare[:-1]
                nodes.append((level, json.loads(name) if name.startswith('"') else name))
            else:
                nodes += [(level, name) for name in words(bare)]
    out = []
    bars = []
    for at, (level, name) in enumerate(nodes):
        if level < 0:
            out.append(name)
            bars = []
            continue
        after = next((other for other, _ in nodes[at + 1 :] if other <= level), -1)
        last = after != level
        del bars[level:]
        out.append("".join(bars) + (part["last"] if last else part["branch"]) + name)
        bars.append("    " if last else part["bar"])
    return out


def recursive(lines, count):
    out = []
    folders = Folders()
    while count:
        base, bare = folders.at(next(lines))
        opening = _OPENING.match(bare)
        if opening is None:
            folders.open(bare)
            continue
        if opening[1]:
            folders.open(opening[1])
        if out:
            out.append("")
        out += [f"{(base + (opening[1] or ''))[:-1]}:", *words(bare[opening.end() :])]
        count -= 1
    return out


def columns(lines, match):
    """The rows of one layout with all their columns."""
    layout = match[2]
    templates = {}
    for short, full in _TEMPLATE.findall(match[3]):
        shown = short.removesuffix("/").split(" ")[:-1]
        added = short.endswith("/") and not full.endswith("/")
        templates["d" if short.endswith("/") else "-"] = shown, full.removesuffix("/"), added
    padded = _PADDED.search(match[3])
    return (
        nested(lines, number(match[1]), layout, templates, padded and padded[1] + " ")
        if match[1]
        else in_place(lines, layout, templates)
    )


def fields(row, templates):
    """A short row as its fields by name, and the sample row it stands for."""
    short, full, slash = templates["d" if row.endswith("/") and "d" in templates else "-"]
    found = {}
    for name in short:
        found[name], _, row = row.partition(" ")
        if name == "DAY" and found[name].isalpha():
            day, _, row = row.partition(" ")
            found[name] += f" {day:>2}"
        if name == "TIME" and re.match(r"[+-]\d{4} ", row):
            zone, _, row = row.partition(" ")
            found[name] += f" {zone}"
    found["NAME"] = row[:-1] if slash else row
    return full.removesuffix(" NAME"), found


def whole(row, templates):
    """A short row as its fields in order, the name last."""
    full, found = fields(row, templates)
    out = []
    for word in full.split(" "):
        if out and re.fullmatch(r"[A-Z][a-z]{2}", out[-1]):
            out[-1] += f" {word:>2}"
        elif out and re.fullmatch(r"[+-]\d{4}", word):
            out[-1] += f" {word}"
        else:
            out.append(found.get(word, word))
    out[-1] = out[-1].rjust(5)
    return [*out, found["NAME"]]


def filled(padding, section):
    """A format with the widths that its longest fields set."""
    columns = list(zip(*section, strict=False))
    parts = re.findall(r"%-?\*?s +", padding)
    return "".join(
        part.replace("*", str(max(map(len, column))))
        for part, column in zip(parts, columns, strict=False)
    )


def in_place(lines, layout, templates):
    out = []
    section = []
    short = False
    padding = ""

    def close():
        if short:
            how = padding or filled(_PADDING[layout], [row for row, _ in section])
            out.extend(how % tuple(row[:-1]) + row[-1] for row, _ in section)
        else:
            out.extend(line for _, line in section)
        section.clear()
        return "", False

    for line in lines:
        note = re.fullmatch(r'\[rows below padded as "(.*) NAME"\]', line)
        row = _LS_ROW.match(line)
        if note:
            close()
            padding, short = note[1] + " ", False
        elif line[:1].isdigit():
            section.append((whole(line, templates), line))
            short = True
        elif row:
            section.append((list(row.groups()), line))
        else:
            padding, short = close()
            out.append(line)
    close()
    return out


def nested(lines, count, layout, templates, padding):
    section = []
    folders = Folders()
    while told(row if isinstance(row, str) else "" for row in section) < count:
        base, bare = folders.at(next(lines))
        if GAP.fullmatch(bare):
            section.append(bare)
        elif " " not in bare:
            folders.open(bare)
        elif found := _TAR_ROW.match(bare) or _LS_ROW.match(bare):
            section.append([*found.groups()])
        else:
            row = whole(bare, templates)
            section.append([*row[:-1], base + row[-1]])
    how = padding or filled(_PADDING[layout], [row for row in section if isinstance(row, list)])
    return [row if isinstance(row, str) else how % tuple(row[:-1]) + row[-1] for row in section]


def read(text):
    """The original of a folded listing."""
    lines = iter(text.split("\n"))
    out = []
    for line in lines:
        if found := _PATHS.match(line):
            out += paths(lines, number(found[1]))
        elif found := _ROWS.match(line):
            out += rows(lines, number(found[1]), found[2])
        elif found := _TREE.match(line):
            out += tree(lines, found)
        elif found := _RECURSIVE.match(line):
            out += recursive(lines, number(found[1]))
        elif found := _COLUMNS.match(line):
            out += columns(lines, found)
        else:
            out.append(line)
    return "\n".join(out)
