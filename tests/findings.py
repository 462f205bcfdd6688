"""What the doctor found, for tests to look through."""

from collections.abc import Sequence

from webapp.commands.checks.findings import Finding


def marked(findings: Sequence[Finding], mark: str) -> list[str]:
    """Give the sentences with that mark."""
    return [finding.text for finding in findings if finding.mark.value == mark]


def the_one(findings: Sequence[Finding], words: str) -> Finding:
    """Give the only finding whose sentence has these words in it."""
    found = [finding for finding in findings if words in finding.text]
    assert len(found) == 1, findings
    return found[0]
