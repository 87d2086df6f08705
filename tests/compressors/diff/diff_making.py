"""Makes diffs as git writes them, from the lines of files before and after."""

import difflib

INDEX = "index 3f78685..89e6c98 100644"


def git_diff(path, before, after, context=3):
    """The diff of one file; None stands for a file that is not there."""
    old, new = before or [], after or []
    names = [f"--- a/{path}" if before is not None else "--- /dev/null"]
    names.append(f"+++ b/{path}" if after is not None else "+++ /dev/null")
    header = [f"diff --git a/{path} b/{path}", INDEX]
    if before is None:
        header.insert(1, "new file mode 100644")
    if after is None:
        header.insert(1, "deleted file mode 100644")
    hunks = list(difflib.unified_diff(old, new, lineterm="", n=context))[2:]
    return [*header, *names, *hunks] if hunks else []


def numbered(count, word="line"):
    return [f"    {word}_{n} = compute({n}, total, scale)" for n in range(count)]


def edited(lines, *places):
    return [f"{line}  # edited" if n in places else line for n, line in enumerate(lines)]


def changed(lines):
    """The added and removed lines of a diff that holds no other lines with a sign in front."""
    return [line for line in lines if line[:1] in ("+", "-") and line[:4] not in ("+++ ", "--- ")]


def npm_lock(versions):
    """A package-lock.json as lines."""
    lines = ["{", '  "name": "shop",', '  "packages": {']
    for name, version in versions.items():
        lines += [
            f'    "node_modules/{name}": {{',
            f'      "version": "{version}",',
            f'      "integrity": "sha512-{name}{version}{"A" * 40}==",',
            '      "license": "MIT"',
            "    },",
        ]
    return [*lines, "  }", "}"]
