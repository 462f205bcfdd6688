"""The doctor, asked through every proxy, finds nothing wrong with the site behind it, and names what was forged."""

from functools import partial
from pathlib import Path

import pytest
from asgi_calls import settings
from findings import marked, the_one
from proxies.landscape import NAME, ORIGIN, Landscape, Route
from ways import Way, lead

from webapp.commands.checks import visit
from webapp.commands.checks.findings import Mark
from webapp.commands.checks.threads import in_thread


async def test_right_configuration_has_nothing_wrong(
    landscape: Landscape, route: Route, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landscape.authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    lead(monkeypatch, Way(route.door.https, route.door.http), NAME)

    here = settings(PUBLIC_URL=ORIGIN, TRUSTED_PROXY=route.trusted_proxy)
    found = await in_thread(partial(visit.examine, here, ORIGIN))

    assert marked(found, "wrong") == marked(found, "warning") == []
    assert the_one(found, "127.0.0.1, through ").mark is Mark.OK
