"""What the settings say together with the place they are used in: environment, cookies, proxies."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from webapp.settings import Settings

from .findings import Finding, ok, warning, wrong

# The variable by which a program knows the platform it runs on, and what that platform is called.
PLATFORMS = {"DYNO": "heroku", "RENDER": "render"}
# During a deploy the old processes and the new ones run at the same time: twice the connections.
AT_A_DEPLOY = 2


def platform_of(environ: Mapping[str, str]) -> str | None:
    """Name the platform as TRUSTED_PROXY does, or None where it is none that we know."""
    return next((name for variable, name in PLATFORMS.items() if environ.get(variable)), None)


def is_this_machine(host: str) -> bool:
    """Tell whether a host of an address is the very machine that asks; the empty one is."""
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def environment(settings: Settings, platform: str | None) -> list[Finding]:
    """Check what the settings say of the whole; that they can be read is known by now."""
    read = "The environment can be used"
    if settings.production:
        return [ok(f"{read}, for production.")]
    if platform:
        return [
            wrong(
                f"APP_ENV is development, and this is {platform.title()}: errors help attackers, and nobody is held to "
                "https. Set APP_ENV=production."
            )
        ]
    return [ok(f"{read}, for development. Where others can reach the site, set APP_ENV=production.")]


def cookies(settings: Settings) -> list[Finding]:
    """Check the cookies against PUBLIC_URL."""
    here = is_this_machine(urlsplit(settings.public_url).hostname or "")
    if settings.production and here:
        return [
            wrong(
                f"PUBLIC_URL is {settings.public_url}, which only this machine can open: every other Host gets 400. "
                "Set it to the address that people type."
            )
        ]
    if settings.secure:
        return [ok(f"Cookies are Secure and named __Host-…, for {settings.public_url} alone.")]
    plain = f"Cookies have plain names and are not Secure, since PUBLIC_URL is {settings.public_url}"
    if here:
        return [ok(f"{plain}: right for development on this machine.")]
    return [warning(f"{plain}: whoever is on the way can read them. Put https in front and write it into PUBLIC_URL.")]


def proxies(settings: Settings, platform: str | None) -> list[Finding]:
    """Check TRUSTED_PROXY against the place; what really arrives, only ``--request`` can tell."""
    trusted = settings.trusted_proxy
    if platform:
        return [_on_platform(trusted, platform)]
    if trusted in {"heroku", "render"}:
        return [
            warning(
                f"TRUSTED_PROXY is {trusted}, and this is not {str(trusted).title()}. It is right if you asked from "
                "elsewhere about a site there; if not, set the number of proxies in front."
            )
        ]
    if trusted == "none":
        return [_without_proxy(settings)]
    if settings.production and not settings.trusted_proxy_networks:
        return [
            warning(
                f"TRUSTED_PROXY is {trusted}, from whomever: who reaches the port past the proxy can claim any "
                "address. Set TRUSTED_PROXY_NETWORKS to the networks of the proxy, or let nobody else reach the port."
            )
        ]
    return [ok(f"TRUSTED_PROXY is {trusted}. See what arrives with: python -m webapp doctor --request")]


def _on_platform(trusted: str | int, platform: str) -> Finding:
    if trusted == platform:
        return ok(f"TRUSTED_PROXY is {platform}, and so is this.")
    if trusted == "none":
        return wrong(
            f"TRUSTED_PROXY is none, and this is {platform.title()}: everybody would have the router's address, and "
            f"share its sign-in limit. Set TRUSTED_PROXY={platform}."
        )
    if isinstance(trusted, int):
        return warning(
            f"TRUSTED_PROXY is {trusted}, and this is {platform.title()}: right only with proxies of your own before "
            f"it. If there are none, set TRUSTED_PROXY={platform}."
        )
    return wrong(f"TRUSTED_PROXY is {trusted}, and this is {platform.title()}. Set TRUSTED_PROXY={platform}.")


def _without_proxy(settings: Settings) -> Finding:
    if settings.secure:
        return warning(
            "TRUSTED_PROXY is none, but PUBLIC_URL is https, which something in front of this server has to speak: "
            "everybody then has the address of that. Set TRUSTED_PROXY to the number of proxies in front."
        )
    return ok("TRUSTED_PROXY is none: the address of the connection is the visitor's.")
