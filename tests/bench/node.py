"""The packages of the two servers on Node, as locked, installed once beside them."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).with_name("peers")
LOCK = FOLDER / "package-lock.json"
# npm empties the folder that it lies in before it installs, so it is there only when that was done.
MARK = FOLDER / "node_modules" / ".installed"
PATIENCE = 120


def version() -> str:
    """Give the version of Node; nothing where there is none."""
    node = shutil.which("node")
    if not node:
        return ""
    said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return said.strip().removeprefix("v")


def missing() -> str:
    """Tell why nothing that runs on Node can be measured; installs the packages where only those are missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node:
        return "no node"
    locked = sha256(LOCK.read_bytes()).hexdigest()
    if MARK.exists() and MARK.read_text() == locked:
        return ""
    if not npm:
        return "no npm"
    words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return "npm ci took too long"
    if done.returncode:
        return "npm ci failed"
    MARK.write_text(locked)
    return ""
