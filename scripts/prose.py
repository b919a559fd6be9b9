"""Find stilted expressions in everything that people read: documents, docstrings, comments and messages.

Each pattern is followed by what to write instead. See CONTRIBUTING.md, Style. Exit with 1 if there are any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parents[1]
HABITS = {
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\b(is|are|was|were|be|being) told\b": "is reported, is shown, says",
    r"\banswers (null|with|the|what|a|an|it|them|its|true|false)\b": "returns, responds with",
    r'"""What (?!is\b.*\?)': "a noun, or an imperative: Return ..., Check ...",
    r"\bso to:": "like this:",
    r"\bbabbl(e|es|ed|ing)\b": "write what the protocol does not allow",
    r"\banew\b": "again",
    r"\bwhom you\b": "trusted ...",
    r"\bthe wish that\b": "cancellation of ...",
    r"\b[Ww]ho (adds|writes|wants|runs|uses|calls) [^?]*, (must|has|gets|sees|breaks)\b": "When you ..., ...",
    r"\bbeside(?! (it|them|the|each|one|a|its|this|that|every|these|those|another|`))\b": "besides, next to",
    r"\bby and by\b": "gradually",
    r"\bnought\b|\bupon\b": "nothing, on",
    r"\b(is|are) (had|to be had)\b": "is available",
}
SUFFIXES = {".py", ".md", ".toml", ".go", ".rs", ".ts", ".html", ".yml", ".sh"}
LEFT_OUT = ("CHANGELOG.md", "scripts/prose.py")


def main() -> int:
    """Print each expression with its place and what to write instead."""
    command = [which("git") or "git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # no input
    found = 0
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if path.suffix not in SUFFIXES or name in LEFT_OUT or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for habit, instead in HABITS.items():
                if match := re.search(habit, line):
                    print(f"{name}:{number}: “{match[0]}”; write: {instead}")
                    found += 1
    print(f"{found} stilted expressions." if found else "No stilted expressions.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
