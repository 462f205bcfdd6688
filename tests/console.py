"""The operator's commands, run as an operator runs them: a process with an environment of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A process takes half a second to start, and several on a busy machine.
ENDS_WITHIN_SECONDS = 50


def start(words: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start ``python -m webapp`` with ``words``, and with nothing else in its environment but PATH."""
    return subprocess.Popen(
        [sys.executable, "-m", "webapp", *words],
        cwd=ROOT,
        env={"PATH": os.defpath, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*words: str, environ: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``python -m webapp`` with ``words`` to its end."""
    with start(words, environ) as process:
        stdout, stderr = process.communicate(stdin, timeout=ENDS_WITHIN_SECONDS)
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)
