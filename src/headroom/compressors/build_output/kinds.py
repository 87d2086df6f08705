"""Lines that tell of no trouble, as data: what each kind begins or ends with.

A kind is a word for a gap's count ("38 passed"). Adding a tool is adding its spelling here.
Whether such a line tells of a failure all the same is not decided here.
"""

import re

PASSED = "passed"
SKIPPED = "skipped"
STARTED = "started"
PROGRESS = "progress"
COMPILED = "compiler calls"
TRACE = "shell trace"
TIMINGS = "timings"
SETTINGS = "settings"
DIFF = "diff"
COVERED = "fully covered"
BLANK = "blank"
OTHER = "other"
REPEATED = "repeated"
FRAMES = "frames"
MAY_FAIL = frozenset((PROGRESS, COMPILED, STARTED, SETTINGS, TRACE))
"""Kinds of lines that report a step, which may have gone wrong."""
FAILING = "failing (named elsewhere)"

# "sha256:" in a line's shape.
_DIGEST = "sha222:"
_BEGIN: dict[str, tuple[str, ...]] = {
    PASSED: (
        *("✓", "✔", "√", "ok ", "ok\t", "--- PASS", "PASS ", "PASS:", "PASSED ", "[       OK ]"),
        *("(pass) ", "Passed ", "[PASS]", "[ok]", "PASS\t"),
    ),
    SKIPPED: ("--- SKIP", "SKIPPED ", "SKIP ", "SKIP:", "○ ", "[  SKIPPED ]", "(skip) ", "↓ "),
    STARTED: (
        *("=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "[ RUN      ]", "[----------]"),
        *("[INFO] Running ", "Running tests/", "      Start ", "RUNS "),
    ),
    PROGRESS: (
        *("Collecting ", "Downloading", "Downloaded", "Requirement already satisfied", "Using c"),
        *("Compiling ", "Checking ", "Fresh ", "Building wheel", "Preparing metadata", "Get:"),
        *("Hit:", "Ign:", "Unpacking ", "Setting up ", "Selecting previously", "Preparing to un"),
        *("Processing triggers", "Fetching ", "remote: ", "Receiving objects", "Resolving deltas"),
        *("Unpacking objects", "[INFO] Download", "Progress ", "go: downloading", "Pulling "),
        *("inflating:", "extracting:", "creating:", "Creating ", "copying ", "adding ", "running "),
        *("Attempting uninstall", "Found existing", "Uninstalling ", "Installing ", "Adding "),
        *(
            "Extracting ",
            "Updating ",
            "Locking ",
            "Stored in",
            "Created wheel",
            "npm http",
            "npm t",
        ),
        *(
            "---> ",
            "Removing intermediate",
            "Updating files:",
            "* [new ",
            "From https://",
            "Copying",
        ),
        *("writing ", "reading ", "byte-compiling ", "Download http", "> Task :", "Resolving "),
        *("INFO: Download", "Waiting", "Verifying ", "Pull complete", "Already exists", _DIGEST),
        *("Cleaning up", "Obtaining ", "Getting requirements", "Installing build", "Precompiling "),
        *(
            "[INFO] Resolving",
            "[INFO] Copying",
            "[INFO] Including",
            "[INFO] Excluding",
            "Adding/rep",
        ),
        *(
            "Cache ",
            "Receiving ",
            "extracting ",
            "Fetched ",
            "Looking in ",
            "Linking ",
            "Generating ",
        ),
    ),
    COMPILED: (
        *("gcc ", "g++ ", "cc ", "c++ ", "clang", "ar ", "ld ", "libtool:", "/bin/bash ./libtool"),
        *("ranlib ", "/usr/bin/c", "/usr/bin/gcc", "CC ", "CXX ", "LD ", "AR ", "javac ", "rustc "),
        *("make[", "mv -f ", "depbase=", "/bin/sh ./libtool", "cd ", "moc ", "uic "),
    ),
    TRACE: ("++",),
    SETTINGS: ("export ", "declare -x ", "unset ", "env:"),
}
_TRIMMED = {kind: begins for kind, begins in _BEGIN.items() if kind != TRACE}
_END: dict[str, tuple[str, ...]] = {
    PASSED: (
        *(" PASSED", " passed", "... ok", " ok", " OK", "[ok]", " PASS", "[OK]", "ok ✓"),
        *(" SUCCESS", " up to date"),
    ),
    SKIPPED: (
        " SKIPPED",
        " skipped",
        "... ignored",
        " (skipped)",
        " XFAIL",
        " xfail",
        " UP-TO-DATE",
    ),
}
_FIRST = {begin[0] for begins in _TRIMMED.values() for begin in begins}
_BY_LETTER = {
    letter: tuple(
        (kind, tuple(begin for begin in begins if begin[0] == letter))
        for kind, begins in _TRIMMED.items()
        if any(begin[0] == letter for begin in begins)
    )
    for letter in _FIRST
}
_ENDINGS = tuple(end for ends in _END.values() for end in ends)
_MEASURED = re.compile(r"\[ *\d{1,3}%\]|\(\d[\d.,]* ?m?s\)|in \d[\d.]* ?m?s|\d[\d.]* ?(?:ms|sec|s)")
_OPENS = {"]": "[", ")": "("}
_BAR_SIGNS = frozenset("0123456789[-\\|/#=━╸╺⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
_DOTS_END = frozenset("].sxX")
_RULES = frozenset("-=_*~+")
_TIMED = re.compile(r"\d+\.\d+s (?:setup|call|teardown) ")
_BARS = re.compile(
    r"\d{1,3}%(?:[|#]|$| \()|\[[=#>. -]{4,}\]|[-\\|/=#]{3,}$|[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏━╸╺]|\[ *\d{1,3}%\] "
    r"|[\w./ -]*[.sxX]{3,} *(?:\[ *\d{1,3}%\])?$"
)
_COVERED = re.compile(r"\S+ .{0,80}\b100(?:\.0+)?%?[ |]*$|.{1,80}\| +100 \| +100 \|")
_SETTING = re.compile(r"[A-Z_][A-Z0-9_]{1,60}=|(?!ERR|FAT|FAIL|WARN|PANIC|CRIT)[A-Z_]{3,60}: \S+$")
_NOT_FAILED = re.compile(r"Tests run: \d+, Failures: 0, Errors: 0.*(?: - in |Time elapsed)")
_RULER = re.compile(r"[-=_*~+ ]{3,}$")
_WIDTH = 300


def kind_of(line: str) -> str:
    """The kind of `line` (a shape), `OTHER` where it is none of the known ones."""
    bare = line.strip()
    if not bare:
        return BLANK
    if bare[0] in _FIRST:
        for kind, begins in _BY_LETTER[bare[0]]:
            if bare.startswith(begins):
                return kind
    if bare.endswith(_ENDINGS):
        return next(kind for kind, ends in _END.items() if bare.endswith(ends))
    return _by_pattern(bare[-_WIDTH:] if len(bare) > _WIDTH else bare)


def _by_pattern(bare: str) -> str:
    if bare[-1] in "])s" and (verdict := _before_measure(bare)):
        if verdict.endswith(_END[PASSED]):
            return PASSED
        if " SKIPPED" in verdict[-_WIDTH:] or verdict.endswith(_END[SKIPPED]):
            return SKIPPED
    if bare.startswith("++"):
        return TRACE
    return _by_shape(bare)


def _by_shape(bare: str) -> str:
    if bare[0].isupper() and _SETTING.match(bare):
        return SETTINGS
    if (bare[0] in _BAR_SIGNS or bare[-1] in _DOTS_END) and _BARS.match(bare):
        return BLANK if _RULER.match(bare) else PROGRESS
    if bare[0].isdigit() and _TIMED.match(bare):
        return TIMINGS
    if "100" in bare[-24:] and _COVERED.match(bare):
        return COVERED
    if "Failures: 0" in bare and _NOT_FAILED.search(bare):
        return PASSED
    return BLANK if bare[0] in _RULES and _RULER.match(bare) else OTHER


def _before_measure(bare: str) -> str:
    """What stands before a duration or a percentage at the end of `bare`, or ""."""
    at = bare.rfind(_OPENS.get(bare[-1], " ")) if bare[-1] != "s" else bare.rfind(" ") + 1
    return bare[:at].rstrip() if at > 0 and _MEASURED.fullmatch(bare, at) else ""
