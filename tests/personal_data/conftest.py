"""A site with periods that are nobody's default, and somebody who has lived on it."""

import pytest
from life import Life, live
from pages import Site


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """Have every period another one than the default, and mails that wait, since nothing listens there."""
    return {
        **environ,
        "SESSION_IDLE": "50m",
        "SESSION_LIFETIME": "11h",
        "REMEMBER_IDLE": "20d",
        "REMEMBER_LIFETIME": "80d",
        "LOGIN_LIMIT": "4/7m",
        "MAIL_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "door@gatehouse.test",
    }


@pytest.fixture
async def life(site: Site) -> Life:
    """Give somebody about whom everything is kept that can be."""
    return await live(site)
