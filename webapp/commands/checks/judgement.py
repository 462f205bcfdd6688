"""What the operator is told of a journey: hops, address, scheme and Host, each with the setting that would be right."""

from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

from webapp.commands.tables import printable
from webapp.settings import Settings
from webapp.web.addresses import lies_within

from .findings import Finding, ok, warning, wrong
from .journey import CHAIN, CLOUDFLARE, FORGED_ADDRESS, Journey, values

ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
DEFAULT_PORTS = {"http": 80, "https": 443}
APPEND = "(nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;)"


def judge(journey: Journey, settings: Settings) -> list[Finding]:
    """Say what is right and what is wrong with how the site sees its visitors."""
    found = list(_differences(journey, settings))
    found.append(_host(journey))
    found.append(_scheme(journey))
    found.append(_stranger(journey) or _address(journey))
    # The length of the chain is nothing to one who takes the address from elsewhere.
    if not journey.is_steady and journey.plain.trusted_proxy != "render":
        found.append(_unsteady(journey))
    return [Finding(finding.mark, printable(finding.text)) for finding in found]


def _differences(journey: Journey, settings: Settings) -> Iterator[Finding]:
    there, here = journey.plain, settings
    for name, theirs, ours in (
        ("TRUSTED_PROXY", there.trusted_proxy, here.trusted_proxy),
        ("PUBLIC_URL", there.public_url, here.public_url),
    ):
        if theirs != ours:
            yield warning(
                f"{name} is {theirs} there and {ours} here: the doctor looked at another environment's settings."
            )


def _host(journey: Journey) -> Finding:
    asked, public = _host_of(journey.origin), _host_of(journey.plain.public_url)
    arrived = [_host_of(f"{urlsplit(journey.plain.public_url).scheme}://{host}") for host in journey.plain.hosts]
    shown = ", ".join(journey.plain.hosts) or "nothing"
    if arrived == [public]:
        return ok(f"Host arrived as {shown}, as PUBLIC_URL has it.")
    if asked == public:
        return wrong(
            f"Host arrived as {shown}, though {asked[0]} was asked for: a proxy replaces it, and everybody gets 400. "
            "Let it pass on what it was sent (nginx: proxy_set_header Host $host;)."
        )
    return warning(
        f"Host arrived as {shown}; people who come that way get 400, as PUBLIC_URL is {journey.plain.public_url}."
    )


def _scheme(journey: Journey) -> Finding:
    asked, arrived = urlsplit(journey.origin).scheme, journey.plain.scheme
    told = values(journey.plain, "x-forwarded-proto")
    shown = f"X-Forwarded-Proto: {', '.join(told)}" if told else "no X-Forwarded-Proto"
    if asked == arrived and (told or journey.plain.trusted_proxy == "none"):
        return ok(f"{asked} arrived as {arrived} ({shown}).")
    if asked == arrived:
        return warning(
            f"{asked} is taken for granted, as PUBLIC_URL has it ({shown}): nothing tells http from https. Let the "
            "proxy say it (nginx: proxy_set_header X-Forwarded-Proto $scheme;)."
        )
    if told and asked == "https":
        return wrong(
            f"https arrived as http ({shown}): every page redirects to itself. Let the proxy that speaks TLS say "
            "https, and those behind it leave that as it is."
        )
    if asked == "https":
        return wrong(f"https arrived as http ({shown}), as PUBLIC_URL begins with http://. Set it to https://.")
    return warning(f"http arrived as https ({shown}): who comes over http is not led to https.")


def _stranger(journey: Journey) -> Finding | None:
    plain = journey.plain
    networks = tuple(ip_network(network) for network in plain.trusted_proxy_networks)
    if not networks or lies_within(plain.peer, networks):
        return None
    return wrong(
        f"The last proxy is {plain.peer or 'a unix socket'}, outside TRUSTED_PROXY_NETWORKS: nothing it says is "
        f"believed, and everybody has its address. Add its network ({plain.peer or 'or leave it empty'})."
    )


def _address(journey: Journey) -> Finding:
    trusted = journey.plain.trusted_proxy
    if trusted == "render":
        return _by_cloudflare(journey)
    if journey.hops < len(journey.chain) and FORGED_ADDRESS in values(journey.forged, CHAIN):
        return wrong(
            f"{_shown(journey)}, but a forged one came through in its place: a proxy adds nothing where there is "
            f"something already, so anybody can claim any address. Let it append or overwrite {APPEND}."
        )
    if trusted == "none":
        return _without_proxies(journey)
    return _counted(journey, trusted if isinstance(trusted, int) else 1)


def _by_cloudflare(journey: Journey) -> Finding:
    plain, told = journey.plain, values(journey.plain, CLOUDFLARE)
    if not told:
        return wrong(
            f"No CF-Connecting-IP arrived, so this is not Render: everybody has the proxy's address, {plain.address}. "
            f"{_shown(journey)}; {_advice(journey)}"
        )
    if journey.believes_forged_cloudflare:
        return wrong(
            "A forged CF-Connecting-IP came through: Cloudflare is not in front, and anybody can claim any address. "
            f"{_shown(journey)}; {_advice(journey)}"
        )
    return ok(f"CF-Connecting-IP names {plain.address}, through {_hops(journey)}; a forged one does not come through.")


def _without_proxies(journey: Journey) -> Finding:
    peer = journey.plain.address
    if journey.hops or journey.has_cloudflare:
        return wrong(
            f"{_shown(journey)}, through {_hops(journey)}, and TRUSTED_PROXY is none: everybody has the last proxy's "
            f"address, {peer}. {_advice(journey)}"
        )
    if journey.origin.startswith("https:"):
        return wrong(
            f"{_shown(journey)}, though something in front speaks TLS: everybody has its address, {peer}. Let it add "
            f"its client's {APPEND}, and set TRUSTED_PROXY=1."
        )
    return ok(f"Through no proxy, from {peer}: the address of the connection is the visitor's.")


def _counted(journey: Journey, place: int) -> Finding:
    plain, setting = journey.plain, f"TRUSTED_PROXY={journey.plain.trusted_proxy}"
    takes = f"{_shown(journey)}; {setting} takes the {ORDINALS.get(place, f'{place}th')} from the right"
    if place == journey.hops:
        return ok(f"{takes}, {plain.address}, through {_hops(journey)}. A forged one does not get there.")
    if place < journey.hops:
        return wrong(
            f"{takes}, {plain.address}, which is a proxy's and everybody's: {_hops(journey)}. {_advice(journey)}"
        )
    if journey.forged.address == FORGED_ADDRESS:
        return wrong(f"{takes}, where a forged one was believed: {_hops(journey)}. {_advice(journey)}")
    return wrong(f"{takes}, where there is none, so everybody has the address {plain.address}. {_advice(journey)}")


def _unsteady(journey: Journey) -> Finding:
    cure = _advice(journey) if journey.has_cloudflare else "See whether some requests take another way."
    return warning(
        f"One request came with {len(journey.chain)} values, the next with {journey.hops}: no number of hops is "
        f"right for all. {cure}"
    )


def _advice(journey: Journey) -> str:
    if journey.has_cloudflare:
        return "Set TRUSTED_PROXY=render, which takes CF-Connecting-IP: its edge overwrites it."
    if journey.hops == 0:
        return f"No proxy adds to X-Forwarded-For: set TRUSTED_PROXY=none if there is none, or let it add {APPEND}."
    same = " (heroku is the same)" if journey.hops == 1 else ""
    return f"Set TRUSTED_PROXY={journey.hops}{same}."


def _shown(journey: Journey) -> str:
    count = len(journey.chain)
    if not count:
        return "No X-Forwarded-For arrived"
    return f"{count} value{'s' if count > 1 else ''} arrived in X-Forwarded-For ({', '.join(journey.chain)})"


def _hops(journey: Journey) -> str:
    return "one proxy" if journey.hops == 1 else f"{journey.hops or 'no'} proxies"


def _host_of(origin: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(origin)
        return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        # What arrives in Host may be anything.
        return origin, None
