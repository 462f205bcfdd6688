"""Three questions to one site, and what their answers tell of the proxies on the way."""

from dataclasses import dataclass

from webapp.settings import Settings
from webapp.web.inquiry import Report

from .site import NoReport, ask, reach, read_report

# Addresses that are for documentation (RFC 5737) and nobody's: where one of them comes up, it was ours.
FORGED_ADDRESS, FORGED_CLOUDFLARE = "192.0.2.1", "192.0.2.2"
CHAIN, CLOUDFLARE = "x-forwarded-for", "cf-connecting-ip"


@dataclass(frozen=True, slots=True)
class Journey:
    """How three requests to ``origin`` arrived: a plain one, and two that claim another address.

    ``cloudflare`` forged CF-Connecting-IP; it is None where that never arrives, or where such a request is refused.
    """

    origin: str
    plain: Report
    forged: Report
    cloudflare: Report | None

    @property
    def chain(self) -> list[str]:
        """What arrived in X-Forwarded-For of the plain request."""
        return values(self.plain, CHAIN)

    @property
    def hops(self) -> int:
        """How many proxies write into X-Forwarded-For: as many as there are values behind the one that we forged.

        Where the outermost one drops what its clients claim, every value is a proxy's.
        """
        arrived = values(self.forged, CHAIN)
        return arrived[::-1].index(FORGED_ADDRESS) if FORGED_ADDRESS in arrived else len(arrived)

    @property
    def is_steady(self) -> bool:
        """Whether both requests came through as many hops."""
        return len(self.chain) == self.hops

    @property
    def has_cloudflare(self) -> bool:
        """Whether the edge tells the client's address by itself, whatever the client claims."""
        return bool(values(self.plain, CLOUDFLARE)) and not self.believes_forged_cloudflare

    @property
    def believes_forged_cloudflare(self) -> bool:
        """Whether a CF-Connecting-IP of our own got through."""
        return self.cloudflare is not None and FORGED_CLOUDFLARE in ",".join(values(self.cloudflare, CLOUDFLARE))


def travel(settings: Settings, origin: str) -> Journey:
    """Send the three requests; raises NoReport when the site does not tell how they arrived."""
    origin, plain = reach(settings, origin)
    forged = read_report(ask(settings, origin, {CHAIN: FORGED_ADDRESS}))
    cloudflare = _forge_cloudflare(settings, origin) if values(plain, CLOUDFLARE) else None
    return Journey(origin, plain, forged, cloudflare)


def values(report: Report, name: str) -> list[str]:
    """Give all values of a header, of all its lines."""
    lines = report.forwarding.get(name, [])
    return [value.strip() for value in ",".join(lines).split(",")] if lines else []


def _forge_cloudflare(settings: Settings, origin: str) -> Report | None:
    try:
        return read_report(ask(settings, origin, {CLOUDFLARE: FORGED_CLOUDFLARE}))
    except NoReport:
        # Cloudflare itself refuses such a request.
        return None
