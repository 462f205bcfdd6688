"""What is written is read by a client as it was meant, or not written at all."""

import h11
import pytest

from webapp.server.answer import Answer
from webapp.web.asgi import Header

TEXT: Header = (b"content-type", b"text/plain")
PIECES = [b"one ", b"", b"two"]


def read(written: bytes, method: str = "GET", *, ended: bool = False) -> tuple[h11.Response, bytes, object]:
    """Read an answer as a client does; gives its head, its body and in what state the server is then."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "example.com")]))
    client.send(h11.EndOfMessage())
    client.receive_data(written)
    if ended:
        client.receive_data(b"")
    response = client.next_event()
    assert isinstance(response, h11.Response)
    body = b""
    while isinstance(event := client.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert client.trailing_data[0] == b""
    return response, body, client.their_state


def written(answer: Answer, status: int, headers: list[Header], pieces: list[bytes]) -> bytes:
    """Give all that is sent for an answer."""
    return answer.begin(status, headers) + b"".join(map(answer.piece, pieces)) + answer.end()


@pytest.mark.parametrize("headers", [[TEXT, (b"Content-Length", b"7")], [TEXT]], ids=["length told", "in chunks"])
def test_answer_is_read_as_it_was_meant(headers: list[Header]):
    answer = Answer("GET", "1.1", closes=False)
    response, body, state = read(written(answer, 200, headers, PIECES))
    assert (response.status_code, response.reason, body, state) == (200, b"OK", b"one two", h11.DONE)
    told = dict(response.headers)
    assert told[b"content-type"] == b"text/plain"
    assert told[b"date"].endswith(b" GMT")
    assert not answer.closes


@pytest.mark.parametrize("headers", [[(b"content-length", b"7")], []], ids=["length told", "in chunks"])
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answer_without_a_body_has_none(method: str, status: int, headers: list[Header]):
    _, body, state = read(written(Answer(method, "1.1", closes=False), status, headers, PIECES), method)
    assert (body, state) == (b"", h11.DONE)


@pytest.mark.parametrize("headers", [[(b"content-length", b"7")], []], ids=["length told", "until the end"])
def test_old_client_hears_the_end_by_the_connection(headers: list[Header]):
    answer = Answer("GET", "1.0", closes=True)
    response, body, _ = read(written(answer, 200, headers, PIECES), ended=True)
    assert (body, answer.closes) == (b"one two", True)
    assert (b"connection", b"close") in list(response.headers)
    assert (b"transfer-encoding", b"chunked") not in list(response.headers)


@pytest.mark.parametrize("wish", [b"close", b"Close"])
def test_application_may_end_the_connection(wish: bytes):
    answer = Answer("GET", "1.1", closes=False)
    response, _, _ = read(written(answer, 200, [(b"content-length", b"0"), (b"connection", wish)], []))
    assert [value for name, value in response.headers if name == b"connection"] == [wish]
    assert answer.closes


def test_head_goes_with_the_first_piece_but_that_of_a_stream_at_once():
    page = Answer("GET", "1.1", closes=False)
    assert page.begin(200, [(b"content-length", b"1")]) == b""
    assert page.piece(b"x").endswith(b"\r\n\r\nx")
    assert Answer("GET", "1.1", closes=False).begin(200, []).endswith(b"\r\n\r\n")


def test_status_of_no_name_is_told_by_its_number():
    assert read(written(Answer("GET", "1.1", closes=False), 299, [(b"content-length", b"0")], []))[0].status_code == 299


@pytest.mark.parametrize(
    "header",
    [
        (b"x-name", b"a\r\nset-cookie: b"),
        (b"x-name", b"a\nb"),
        (b"x-name", b"a\rb"),
        (b"x-name", b"a\x00b"),
        (b"x-name: a\r\nset-cookie", b"b"),
        (b"x name", b"a"),
        (b"", b"a"),
        (b"x-name:", b"a"),
        (b"transfer-encoding", b"chunked"),
        (b"content-length", b"-5"),
    ],
)
def test_header_that_would_be_read_as_another_is_not_sent(header: Header):
    answer = Answer("GET", "1.1", closes=False)
    with pytest.raises(ValueError, match=r"."):
        answer.begin(200, [TEXT, header])
    assert not answer.began


def test_body_that_is_longer_or_shorter_than_told_is_an_error():
    longer, shorter = Answer("GET", "1.1", closes=False), Answer("GET", "1.1", closes=False)
    longer.begin(200, [(b"content-length", b"1")])
    with pytest.raises(ValueError, match="longer"):
        longer.piece(b"ab")
    shorter.begin(200, [(b"content-length", b"3")])
    shorter.piece(b"ab")
    with pytest.raises(ValueError, match="shorter"):
        shorter.end()
    assert not shorter.ended
