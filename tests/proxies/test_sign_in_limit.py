"""The sign-in limit counts by the true address: nobody evades it by headers, and nobody uses up another's tries."""

from pages import new_email
from proxies.clients import Clients, Headers, new_address
from proxies.forgeries import EVERYTHING, FORGERIES
from proxies.landscape import Route

WRONG = "not the password"


async def tried(clients: Clients, route: Route, source: str, email: str, headers: Headers = ()) -> int:
    """Try a wrong password, and return the status."""
    client = clients.client(route.door.https, source, [*headers, ("Accept", "application/json")])
    return (await client.post("/login", json={"email": email, "password": WRONG})).status_code


async def test_tries_of_one_client_pause_that_client_whatever_it_claims(
    route: Route, clients: Clients, source: str
) -> None:
    email = new_email()
    assert await tried(clients, route, source, email, EVERYTHING) == 401
    for name, headers in FORGERIES.items():
        assert await tried(clients, route, source, email, headers) == 429, name


async def test_tries_of_one_client_do_not_pause_another_not_even_one_it_claims_to_be(
    route: Route, clients: Clients, source: str
) -> None:
    email, victim = new_email(), new_address()
    claims = [(name, victim) for name in ("X-Forwarded-For", "CF-Connecting-IP", "X-Real-IP", "True-Client-IP")]
    assert await tried(clients, route, source, email, claims) == 401
    assert await tried(clients, route, source, email) == 429
    assert await tried(clients, route, victim, email) == 401
