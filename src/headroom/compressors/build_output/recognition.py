"""Whether a text is a run's output: told by what test runners, compilers and installers print.

Signs are looked for at line starts, behind a runner's prefix, in a few probes of the text. One
unmistakable sign is enough; of weaker ones several are needed. A read file, a diff, JSON and
records are others', whatever they quote. It never looks at all of a text.
"""

import re

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.build_output.trouble import located
from headroom.compressors.build_output.views import has_events, looked_through

NOT_MINE = -1.0
_SURE, _LIKELY, _WEAK = 0.95, 0.85, 0.62
_PIECE = 1_000
_PROBES = 16
_LINTED = 0.3
_PLACED = 0.6
_TRACED = 0.25
_THROWN = ("Error: ", "Exception: ", "most recent")
_FRAME = 'File "'
_LEAST_LINTED = 3
_SECTIONS = 2
_QUOTING = 0.6
_STRONG = re.compile(
    r"""\n[ \t]{0,8}(?![ \t])(?:
    =+\ (?:test\ session\ starts|FAILURES|ERRORS|short\ test\ summary\ info|warnings\ summary)\ =+
    |=+\ .{0,120}\b\d+\ (?:passed|failed|skipped|errors?)\b.{0,200}\ =+$
    |\d+\ (?:passed|failed)(?:,\ \d+\ \w+){0,6}\ in\ [\d.]+s
    |(?:FAILED|PASSED|ERROR)\ \S+::\S
    |Ran\ \d+\ tests?\ in\ [\d.]+s
    |test_\w+\ \([\w.]+\)\ \.\.\.\ |(?:FAIL|ERROR):\ \w+\ \([\w.]+\)$
    |test\ \S+\ \.\.\.\ (?:ok|FAILED|ignored)|running\ \d+\ tests?$|test\ result:\ (?:ok|FAILED)
    |---\ (?:PASS|FAIL|SKIP):\ \S+\ \([\d.]+s\)|===\ RUN\ +\S
    |(?:ok|FAIL|---)\ ?\s+[\w.-]+\.\w+/\S+\s+(?:[\d.]+s|\(cached\)|\[build\ failed\])
    |Tests?:?\ (?:Suites:\ |Files\ )?\ *(?:\d+\ \w+[,|]?\ )+.{0,40}$
    |Test\ (?:Suites|Files):?\ |(?:PASS|FAIL)\ +\S+\.(?:test|spec)\.\w+
    |\[\ *(?:OK|FAILED|RUN|PASSED)\ *\]\ \S+|Tests\ run:\ \d+,\ Failures
    |TAP\ version\ \d+|\d+\ tests?,\ \d+\ failures?\b|\d+\ (?:passing|failing)\ \(\d+m?s\)
    |\d+%\ tests\ passed|error(?:\[E\d{4}\])?:\ .{1,300}\n\ *-->\ \S+:\d+
    |warning:\ .{1,300}\n\ *-->\ \S+:\d+|[A-Z]{1,5}\d{1,5}\ .{1,300}\n\ *-->\ \S+:\d+
    |BUILD\ (?:SUCCESS|FAILURE|SUCCESSFUL|FAILED)\b
    |\[(?:INFO|ERROR)\]\ (?:BUILD\ |---\ \S+:|Scanning|Running\ \S|Building\ \S)
    |Inspecting\ \d+\ files?|Buildfile:\ \S+|\[(?:javac|junit|mkdir)\]\ |Microsoft\ \(R\)\ Build
    |\[info\]\ (?:Loading|Compiling|Done)\ \S
    |\#\#\[(?:group|error|endgroup|section|command)\]|::(?:group|error)\b
    |make(?:\[\d+\])?:\ (?:\*\*\*|Entering|Leaving|Nothing)|npm\ ERR!|npm\ error\ code
    |Building\ in\ workspace\ |Started\ by\ (?:user|timer|an)|Finished:\ (?:SUCCESS|FAILURE|ABORTED)
    |Successfully\ (?:installed|built)\ \S+
    |(?:\#\d+\ )?\[[^\]\n]{1,40}\]\ (?:RUN|COPY|FROM|WORKDIR)\ \S
    |Found\ \d+\ errors?\ in\ \d+\ files?|✖\ \d+\ problems?|Your\ code\ has\ been\ rated
    |Found\ \d+\ errors?\.(?:\ |$)|>\ Task\ :\S+|\[\ *\d+%\]\ (?:Building|Linking|Built)
    )""",
    re.MULTILINE | re.VERBOSE,
)
_NODE = re.compile(r"\n[ \t]{0,8}(?![ \t])\S+::\S.{0,200} (?:PASSED|FAILED|SKIPPED|ERROR)\b")
_STEPS = (
    r"Collecting \S+|Downloading \S+|Requirement already satisfied|Compiling \S+ v\d"
    r"|(?:gcc|g\+\+|cc|clang(?:\+\+)?|c\+\+) -\S|Step \d+/\d+ :|go: downloading |added \d+ packages"
    r"|Get:\d+ http|Setting up \S+ \(|Unpacking \S+|\+ \w+ \S|\+\+ \w+|Traceback \(most recent"
    r"|[✓✔✗✕✖] \S|(?:not )?ok \d+ |npm warn|npm WARN|yarn run|\$ \S+ |Installing collected"
    r"|Building \S+|Linting |Checking \S+|In file included from|> \S+@\d\S* \w+"
    r"|Preparing metadata|exit status \d"
)
_TROUBLE = r".{1,200}: (?:fatal )?(?:error|warning): |[\w.]*(?:Error|Exception): "
_TROUBLE_WORDS = ("error: ", "warning: ", "Error: ", "Exception: ")
_MILD = re.compile(rf"\n[ \t]{{0,8}}(?![ \t])(?:{_STEPS})")
_MILD_OR_TROUBLE = re.compile(rf"\n[ \t]{{0,8}}(?:(?![ \t])(?:{_STEPS})|{_TROUBLE})")
_COMMAND = re.compile(
    r"\b(?:pytest|py\.test|unittest|tox|nox|runtests|cargo (?:test|build|check|clippy|nextest|run)"
    r"|go (?:test|build|vet|install|run)|(?:npm|pnpm|yarn|bun)(?: run)? (?:test|build|install|ci|i)"
    r"|jest|vitest|mocha|mvn|gradlew?|make|cmake|ninja|gcc|g\+\+|clang|tsc|eslint|pylint|ruff|mypy"
    r"|flake8|pyright|pip3? install|uv (?:sync|pip)|poetry install|docker(?: compose)? build|rspec"
    r"|phpunit|dotnet (?:test|build)|ctest|bazel|swift (?:test|build)|golangci-lint|rubocop|javac"
    r"|(?:npm|pnpm|yarn|bun)(?: run)? lint)\b"
)
_SOURCE_FILE = re.compile(r"\.(?:py|js|ts|tsx|go|rs|java|c|h|cpp|rb|md|rst|html?|json|ya?ml|toml)$")
_QUOTE = re.compile(r"(?:\d{1,6}[:|\t→]|\s*\d{1,6}(?:\t|→| {2,}\w)|[^\s:]+[:-]\d+[:-])")
_PLACE_AND_TEXT = re.compile(
    r"\s*\[?(?:[A-Za-z]:)?[^\s:(\[]{1,200}(?::\d+:\d+[:\]]|\(\d+(?:,\d+)?\):?|\[\d+, \d+\]:) +\S"
)
_PLACED_NUMBERS = (re.compile(r":[\d\[]"), re.compile(r"\(\d"), re.compile(r"\[\d"))
_HEADING = re.compile(r"\n(?:#{1,6} [A-Z][^\n]*|```[^\n]*|\.\. [\w-]+::[^\n]*)")
# What stands in a text whose lines carry colours, carriage returns or a runner's prefix.
_VEILS = ("\x1b", "\r", " |", "\n#")
_CLOCK = re.compile(r":\d\d:\d\d")
_DIFF = re.compile(r"(?:diff --git |--- \S+\n\+\+\+ |Index: |commit [0-9a-f]{40}\n)")


def likelihood(sample: Sample) -> float:
    """0 to 1, or `NOT_MINE`."""
    head = sample.text[:400].lstrip()
    if has_events(sample.text):
        return _SURE
    if not head or (head[0] in "{[<" and _is_data(head)) or _DIFF.match(head):
        return NOT_MINE
    call = call_of(sample.tool, sample.source)
    if call.reads and (_SOURCE_FILE.search(call.path) or "cat -n" in call.command):
        return NOT_MINE
    probe = "\n" + _probe(sample.text)
    if any(veil in probe for veil in _VEILS) or _CLOCK.search(probe):
        probe = "\n" + looked_through(probe[1:])
    if _reads_as_document(probe):
        return NOT_MINE
    if _STRONG.search(probe) or ("::" in probe and _NODE.search(probe)):
        return NOT_MINE if _quotes(probe) else _SURE
    linted, placed = _linted_shares(probe)
    signs = _MILD_OR_TROUBLE if any(word in probe for word in _TROUBLE_WORDS) else _MILD
    mild = len({_sign(found[0].lstrip()) for found in signs.finditer(probe)})
    if _traced_share(probe) > _TRACED:
        mild += 1
    asked = _COMMAND.search(call.command) is not None
    if linted > _LINTED or placed > _PLACED:
        return _LIKELY
    if mild >= 2 or (mild and asked):
        return _LIKELY if asked else _WEAK
    return NOT_MINE


def _sign(found: str) -> str:
    """A mild sign's kind; a traceback and its exception are one."""
    return "Traceback" if found.endswith(_THROWN) else found[:3]


def _traced_share(probe: str) -> float:
    """The share of lines that name a frame of a Python traceback; each has a line of source."""
    if _FRAME not in probe:
        return 0.0
    lines = [line for line in probe.split("\n") if line.strip()]
    return sum(1 for line in lines if line.lstrip().startswith(_FRAME)) / max(1, len(lines))


def _is_data(head: str) -> bool:
    """Whether a text that opens with a bracket is JSON or markup."""
    return head[0] == "<" or head[1:2] in '"{[\n ' or head[:2] in ("{}", "[]")


def _probe(text: str) -> str:
    """The head, the tail and even pieces between, cut at line ends."""
    if len(text) <= _PROBES * _PIECE:
        return text
    step = (len(text) - _PIECE) // (_PROBES - 1)
    pieces = [text[at : at + _PIECE] for at in range(0, len(text) - _PIECE + 1, step)]
    inner = (piece.partition("\n")[2].rpartition("\n")[0] for piece in pieces[1:-1])
    return "\n".join([pieces[0], *inner, pieces[-1].partition("\n")[2]])


def _quotes(probe: str) -> bool:
    """Whether most lines carry the gutter of a reader or of a search: the signs are quoted."""
    lines = [line for line in probe.split("\n") if line.strip()]
    guttered = sum(1 for line in lines if _QUOTE.match(line) and located(line) is not True)
    return guttered > _QUOTING * len(lines)


def _reads_as_document(probe: str) -> bool:
    """Whether headings and fences of a document stand in the text: what it shows, it quotes."""
    found = {match[0] for match in _HEADING.finditer(probe)}
    return len(found) > _SECTIONS


def _linted_shares(probe: str) -> tuple[float, float]:
    """The shares of lines that open with a place: with a code or a severity behind it, and with
    a column or in brackets, as no search writes it."""
    numbers = sum([len(number.findall(probe)) for number in _PLACED_NUMBERS])
    lines = [line[:300] for line in probe.split("\n") if line.strip()][:200]
    if numbers < _LEAST_LINTED or numbers <= _LINTED * len(lines):
        return 0.0, 0.0
    coded = sum(1 for line in lines if located(line) is True)
    placed = sum(1 for line in lines if _PLACE_AND_TEXT.match(line))
    if max(coded, placed) < _LEAST_LINTED:
        return 0.0, 0.0
    return coded / len(lines), placed / len(lines)
