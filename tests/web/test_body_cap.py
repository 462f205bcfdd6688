"""No request brings more than 64 KiB inside (promise 16)."""

import asyncio

import pytest
from asgi_calls import HOST, Answer, Inside, call, guarded, http_scope
from pages import Site

from webapp.web import body_cap
from webapp.web.asgi import Header, Message, Receive, Scope, Send
from webapp.web.body_cap import MAX_BODY_BYTES, BodyCap, CappedBody, body_too_large


def post(*headers: Header) -> Scope:
    return http_scope(b"/login", [(b"host", HOST), *headers], method="POST")


async def upload(inside: Inside, pieces: list[bytes], *headers: Header) -> Answer:
    return await call(BodyCap(guarded(inside)), post(*headers), pieces)


def was_too_large(inside: Inside) -> bool:
    assert inside.scope is not None
    return body_too_large(inside.scope)


def length(number: object) -> Header:
    return b"content-length", str(number).encode()


CHUNKED: Header = (b"transfer-encoding", b"chunked")
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.mark.parametrize("size", [0, 1, MAX_BODY_BYTES])
async def test_body_within_the_limit_arrives_whole(size: int) -> None:
    inside = Inside(reads=True)
    await upload(inside, [b"a" * size], length(size))
    assert inside.body == b"a" * size
    assert not was_too_large(inside)


async def test_chunks_within_the_limit_arrive_whole() -> None:
    inside = Inside(reads=True)
    await upload(inside, [b"abcd"] * (MAX_BODY_BYTES // 4), CHUNKED)
    assert inside.body == b"abcd" * (MAX_BODY_BYTES // 4)
    assert not was_too_large(inside)


@pytest.mark.parametrize("declared", [MAX_BODY_BYTES + 1, 5_000_000, 10**19, "9" * 5000, "00000000000065537"])
async def test_declared_length_above_the_limit_is_known_before_reading(declared: object) -> None:
    inside = Inside()
    answer = await upload(inside, [], length(declared))
    assert was_too_large(inside)
    assert answer.text == "inside"


async def test_body_declared_above_the_limit_is_withheld_whole() -> None:
    inside = Inside(reads=True)
    await upload(inside, [b"a" * 1000] * 5000, length(5_000_000))
    assert inside.body == b""


async def test_one_of_two_lengths_above_the_limit_counts() -> None:
    inside = Inside()
    await upload(inside, [], length(1), length(5_000_000))
    assert was_too_large(inside)


@pytest.mark.parametrize("declared", ["", "junk", "-1", "+99999999", "1_000_000", "²", "1" * 4 + ",2"])
async def test_junk_length_is_left_to_counting(declared: str) -> None:
    inside = Inside(reads=True)
    await upload(inside, [b"a" * MAX_BODY_BYTES, b"b"], length(declared))
    assert was_too_large(inside)


@pytest.mark.parametrize("header", [CHUNKED, length(1)])
async def test_body_that_passes_the_limit_is_cut_one_byte_above_it(header: Header) -> None:
    inside = Inside(reads=True)
    await upload(inside, [b"a" * 50_000] * 100, header)
    assert was_too_large(inside)
    assert len(inside.body) == MAX_BODY_BYTES + 1


async def test_rest_of_the_body_is_thrown_away_before_the_answer_ends() -> None:
    pieces = [b"a" * 1000] * 100
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[tuple[Message, int]] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append((message, len(messages)))

    await CappedBody(receive, send).send({"type": "http.response.body", "body": b"whole answer"})
    (answer, unread_then), (end, unread) = sent
    assert answer == {"type": "http.response.body", "body": b"whole answer", "more_body": True}
    assert unread_then == 101
    assert end == END
    assert unread == 0


async def test_whole_site_waits_for_the_rest_of_a_body_that_it_refuses(site: Site) -> None:
    elsewhere = http_scope(b"/login", [(b"host", b"elsewhere.test"), CHUNKED], method="POST")
    answer = await call(site.asgi, elsewhere, [b"a" * 1000] * 100)
    assert answer.status == 400
    assert answer.messages[-1] == END


async def test_client_that_never_ends_its_body_gets_its_answer_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_cap, "LINGER_SECONDS", 0.05)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyCap(guarded(Inside()))(post(CHUNKED), receive, send)
    assert sent[-1] == END


async def test_application_that_reads_on_past_the_limit_hears_only_that_the_client_has_gone() -> None:
    heard: list[str] = []

    async def reader(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(4):
            heard.append((await receive())["type"])
            if heard[-1] == "http.disconnect":
                break
        await send({"type": "http.response.start", "status": 413 if body_too_large(scope) else 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    answer = await call(BodyCap(guarded(reader)), post(CHUNKED), [b"a" * (MAX_BODY_BYTES + 1)] * 3)
    assert answer.status == 413
    assert heard == ["http.request", "http.disconnect"]


async def test_answer_waits_for_a_body_that_the_application_is_reading_meanwhile() -> None:
    """Quart reads in a task of its own, so the end of an answer and the application wait for the same messages."""
    coming: asyncio.Queue[Message] = asyncio.Queue()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    body = CappedBody(coming.get, send)
    reading = asyncio.create_task(body.receive())
    await asyncio.sleep(0)
    ending = asyncio.create_task(body.send({"type": "http.response.body", "body": b"done"}))
    await asyncio.sleep(0)
    coming.put_nowait({"type": "http.request", "body": b"late", "more_body": False})
    await asyncio.wait_for(ending, 10)
    assert (await reading)["body"] == b"late"
    assert len(sent) == 2
