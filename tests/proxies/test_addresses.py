"""The device page, its JSON and the log show the same address, whatever the client claims (promise 16)."""

from proxies.clients import Clients, new_address
from proxies.forgeries import EVERYTHING
from proxies.landscape import Route
from proxies.running import has_ipv6
from proxies.witnesses import addresses_in_json, addresses_on_page, logged_address, new_id


async def test_device_page_json_and_log_show_the_address_of_every_client(
    route: Route, clients: Clients, source: str
) -> None:
    other = "::1" if has_ipv6() else new_address()
    laptop = clients.browser(route.door.https, source, EVERYTHING)
    assert (await laptop.register()).status_code == 303
    phone = clients.browser(route.door.https, other, EVERYTHING)
    assert (await phone.log_in(laptop.email)).status_code == 303
    assert await addresses_on_page(laptop) == [source, other]
    assert await addresses_in_json(phone) == [other, source]
    request_id = new_id()
    await phone.get("/dashboard", x_request_id=request_id)
    assert await logged_address(route.gatehouse, request_id) == other
