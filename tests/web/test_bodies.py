"""Bodies that no form of ours sends: an answer of ours, and nothing is written."""

import json
from collections.abc import AsyncIterator

import pytest
from pages import PASSWORD, Browser, is_problem, session_ids
from stores import Stores

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LIMIT = 64 * 1024

BODIES = {
    "nothing": (FORM, b""),
    "NULs": (FORM, b"\0" * 5000),
    "bad UTF-8": (FORM, b"email=\xff\xfe&password=\xc3\x28"),
    "percent-encoded bad UTF-8": (FORM, b"email=%ff%fe&password=%c3%28&name=%ed%a0%80"),
    "broken percent signs": (FORM, b"email=%&password=%z%1&%%%=%"),
    "5 MB": (FORM, b"a" * 5_000_000),
    "5 MB of JSON": (JSON, b'{"a":"' + b"a" * 5_000_000 + b'"}'),
    "200,000 fields": (FORM, b"a=1&" * 200_000),
    "1,001 fields": (FORM, b"&".join(b"%d=1" % number for number in range(1001))),
    "60,000 ampersands": (FORM, b"&" * 60_000),
    "a password of 1 MB": (FORM, b"email=a%40example.test&name=A&password=" + b"q" * 1_000_000),
    "one field many times": (FORM, b"&".join([b"password=x"] * 900)),
    "multipart": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n--b--',
    ),
    "multipart without boundary": ("multipart/form-data", b"--b\r\n"),
    "plain text": ("text/plain", b"email=a@example.test"),
    "XML": ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    "no type": ("", b"email=a@example.test"),
    "nonsense type": (";;;=\t,", b"email=a@example.test"),
    "unknown charset": (f"{FORM}; charset=utf-7", b"email=+ADw-script+AD4-"),
    "UTF-16 JSON": (JSON, json.dumps({"email": "a"}).encode("utf-16")),
}
NOT_FIELDS = {
    "nothing": "",
    "a list": "[]",
    "a text": '"email"',
    "null": "null",
    "true": "true",
    "a number": "1",
    "half an object": '{"email": ',
    "two objects": "{}{}",
    "a comment": "{/**/}",
    "nested object": '{"email": {"$ne": null}}',
    "nested list": '{"email": ["a@example.test"]}',
    "a lone surrogate": '{"email": "\\ud800"}',
    "a lone surrogate as name": '{"\\udfff": "a"}',
    "depth of lists": "[" * 30_000,
    "depth of objects": '{"a":' * 10_000,
    "depth in a member": '{"email":' + "[" * 9_000 + "]" * 9_000 + "}",
    "huge whole number": '{"email": ' + "9" * 60_000 + "}",
    "huge exponent": '{"email": 1e999999, "password": -1e999999}',
    "not numbers": '{"email": NaN, "password": Infinity}',
    "many members": "{" + ",".join(f'"{number}": 1' for number in range(1001)) + "}",
    "NUL in a text": '{"email": "\\u0000", "password": "\\u0000", "name": "\\u0000"}',
    "escaped name": '{"__proto__": "a", "constructor": "b", "csrf_token": "c"}',
}
GUEST_PATHS = ("/register", "/login", "/register/strength")
MEMBER_PATHS = ("/confirm", "/logout-all", "/settings/sessions/end-others", "/logout")


@pytest.mark.parametrize("body", BODIES)
async def test_body_that_is_no_form_is_refused_and_nothing_is_written(
    body: str, browser: Browser, ada: Browser, stores: Stores
):
    kind, content = BODIES[body]
    headers = {"Content-Type": kind} if kind else {}
    (here,) = session_ids((await ada.get("/settings/sessions")).text)
    member_paths = (*MEMBER_PATHS, f"/settings/sessions/{here}/end", f"/settings/sessions/{here}/name")
    before = stores.contents()
    for who, paths in ((browser, GUEST_PATHS), (ada, member_paths)):
        for path in paths:
            response = await who.client.post(path, content=content, headers=headers)
            assert 200 <= response.status_code < 500, path
            assert response.status_code >= 400 or path == "/register/strength", path
    assert stores.contents() == before
    assert (await ada.get("/dashboard")).status_code == 200


@pytest.mark.parametrize("body", NOT_FIELDS)
async def test_json_that_is_no_object_of_fields_is_refused_and_nothing_is_written(
    body: str, browser: Browser, ada: Browser, stores: Stores
):
    (here,) = session_ids((await ada.get("/settings/sessions")).text)
    before = stores.contents()
    for who, path in ((browser, "/register"), (browser, "/login"), (ada, "/confirm")):
        response = await who.client.post(path, content=NOT_FIELDS[body], headers={"Content-Type": JSON})
        assert 400 <= response.status_code < 500, path
        assert is_problem(response, response.status_code)
    content = NOT_FIELDS[body].replace("email", "name")
    response = await ada.client.post(f"/settings/sessions/{here}/name", content=content, headers={"Content-Type": JSON})
    assert response.status_code < 500
    if response.status_code >= 400:
        assert stores.contents() == before


@pytest.mark.parametrize(("size", "status"), [(LIMIT - 100, 401), (LIMIT, 401), (LIMIT + 1, 413), (5_000_000, 413)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_body_is_taken_up_to_64_KiB(size: int, status: int, chunked: bool, browser: Browser):  # noqa: FBT001, N802  (that is its name)
    await browser.get("/login")
    content = f"csrf_token={browser.token}&email=a%40example.test&password=".encode()
    content += b"q" * (size - len(content))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 10_000):
            yield content[start : start + 10_000]

    body = pieces() if chunked else content
    response = await browser.client.post("/login", content=body, headers={"Content-Type": FORM})
    assert response.status_code == status


async def test_form_of_1000_fields_is_taken_and_one_more_is_not(browser: Browser):
    await browser.get("/login")
    sent = {"csrf_token": browser.token, "email": "a@example.test", "password": PASSWORD}
    for padding, status in ((997, 401), (998, 413)):
        fields = sent | {f"field{number}": "" for number in range(padding)}
        assert (await browser.client.post("/login", data=fields)).status_code == status


async def test_scalars_of_json_are_what_a_form_would_have_sent(browser: Browser):
    response = await browser.json("POST", "/register", {"email": "n@example.test", "name": 1815, "password": PASSWORD})
    assert response.json()["account"]["name"] == "1815"


async def test_charset_of_json_may_be_named(browser: Browser):
    content = json.dumps({"email": "n@example.test", "name": "Zoë", "password": PASSWORD}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await browser.client.post("/register", content=content, headers=headers)).status_code == 201


@pytest.mark.parametrize("path", ["/", "/dashboard", "/login", "/settings/sessions", "/healthz", "/static/app.css"])
async def test_body_where_none_is_expected_changes_nothing(path: str, ada: Browser, stores: Stores):
    before = stores.contents()
    for content in (b"\0" * 100, b"a" * 5_000_000):
        response = await ada.client.request("GET", path, content=content)
        assert response.status_code < 500
    assert stores.contents() == before
