"""The headers of a request are found as Werkzeug's own are."""

import pytest
from werkzeug.datastructures import Headers

from webapp.web.request_headers import RequestHeaders

LINES = [(b"host", b"localhost"), (b"accept", b"a"), (b"accept", b"b"), (b"content-length", b"12"), (b"x-empty", b"")]
OURS = RequestHeaders(LINES, "192.0.2.1")
WERKZEUGS = Headers([("Remote-Addr", "192.0.2.1"), *((name.decode().title(), value.decode()) for name, value in LINES)])


@pytest.mark.parametrize("name", ["Host", "HOST", "Accept", "X-Empty", "X-Missing", "remote-addr", ""])
def test_header_is_found_by_its_name(name: str):
    assert OURS.get(name) == WERKZEUGS.get(name)
    assert OURS.get(name, "none") == WERKZEUGS.get(name, "none")
    assert OURS.getlist(name) == WERKZEUGS.getlist(name)
    assert (name in OURS) == (name in WERKZEUGS)


def test_header_is_made_into_what_is_asked_for():
    assert OURS.get("Content-Length", type=int) == 12
    assert OURS.get("Host", 5, type=int) == 5
    assert OURS["Content-Length"] == "12"
    with pytest.raises(KeyError):
        OURS["X-Missing"]


def test_all_lines_are_there():
    assert [(name.title(), value) for name, value in OURS] == list(WERKZEUGS)
