"""Everything about a person is read a few times an hour, and not as often as somebody can press a button."""

import pytest
from pages import PASSWORD, Site

from webapp.setting_values import Rate
from webapp.throttle import limits

EXPORT = "/settings/data/export"


async def test_export_is_given_some_times_an_hour(site: Site, monkeypatch: pytest.MonkeyPatch):
    assert limits.LIMITS["export"].times == 10
    monkeypatch.setitem(limits.LIMITS, "export", Rate(2, limits.HOUR))
    ada = site.browser()
    await ada.register()
    given = []
    for _ in range(3):
        await ada.get("/settings/data")
        given.append((await ada.post(EXPORT, {"password": PASSWORD})).status_code)
    assert given == [200, 200, 429]
