"""What is published says nothing of the machines it was made on, and where packages come from is everybody's own."""

import re
from itertools import chain

import pytest
from structure.files import name_of, tracked

MACHINE_PATHS = r"(?<![\w.<{$])/(?:home|Users|work|root|tmp/scratch)/\w|[A-Z]:\\\w"
# Written apart, so that this file does not find itself.
REGISTRIES = "|".join(
    re.escape(".".join(host))
    for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"))
)
OPTIONS = r"(?<!emit-)(?:--|\b)(?:extra-)?index-url\s*[= ]\s*\S|trusted-host\s*[= ]|find-links\s*[= ]"
PARTS = ("test", "texts")


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES, OPTIONS], ids=["machine", "registry", "option"])
def test_no_file_names_a_machine_or_a_package_registry(pattern: str) -> None:
    sought = re.compile(pattern)
    found = chain.from_iterable(
        (
            f"{name_of(path)}: {line.strip()}"
            for line in path.read_text(errors="ignore").splitlines()
            if sought.search(line)
        )
        for path in tracked()
        if path.suffix != ".png" and path.stem != "_".join(PARTS)
    )
    assert list(found) == []
