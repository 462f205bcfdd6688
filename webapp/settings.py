"""The environment, read once into one frozen value.

Everything is converted and checked here; all faults are reported together, so that an operator mends them in one go.
Nothing below this module ever looks at ``os.environ``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, TypeVar, cast

from . import setting_addresses as addresses
from . import setting_values as values
from .errors import SettingsError
from .setting_values import Rate

T = TypeVar("T")
Network = IPv4Network | IPv6Network

# Heroku's smallest Key-Value Store, Mini, allows 20 connections in all.
DEFAULT_REDIS_CONNECTIONS = "20"
# One for the subscription to what Redis tells, which takes a connection for itself, and one for everything else.
FEWEST_REDIS_CONNECTIONS = 2
# Of 60 kB at the most (docs/bench.md) they take 60 MB. In 512 MB two processes with as many have room beside what they
# need otherwise, and a password or two of 64 MB.
DEFAULT_SESSION_STREAMS = "1000"
DEFAULT_PORT = "8000"
# Good for the files of development; elsewhere no mail comes from there.
DEFAULT_MAIL_FROM = "gatehouse@localhost"
SECRET_FIELDS = {"secret_key", "secret_key_fallbacks", "redis_url", "database_url", "mail_url"}


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What the environment says, converted and checked. All durations are whole seconds."""

    environment: Literal["development", "production"]
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    redis_url: str
    redis_tls_verify: bool
    redis_connections: int
    database_url: str
    public_url: str
    trusted_proxy: str | int
    trusted_proxy_networks: tuple[Network, ...]
    session_idle: int
    session_lifetime: int
    remember_idle: int
    remember_lifetime: int
    session_touch: int
    session_limit: int
    session_streams: int
    reauth_window: int
    login_limit: Rate
    password_min_length: int
    mail_url: str | None
    mail_from: str
    geoip_db: Path | None
    port: int
    web_concurrency: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from ``environ``; raises SettingsError with a sentence for every fault."""
        reader = _Reader(environ)
        settings = _read(reader)
        faults = (*reader.faults.values(), *_contradictions(settings, reader.faults))
        if faults:
            raise SettingsError(faults)
        return settings

    @property
    def production(self) -> bool:
        """Whether this is the real thing: HSTS, JSON logs, and no help for developers in the answers."""
        return self.environment == "production"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us through https, so that cookies can be ``Secure`` and ``__Host-``."""
        return self.public_url.startswith("https://")

    def cookie_name(self, name: str) -> str:
        """Return what the cookie ``name`` is called; over https such that no other host can set it (RFC 6265bis)."""
        return f"__Host-{name}" if self.secure else name

    @property
    def mail_is_sent(self) -> bool:
        """Whether there is anything that takes mail; without it, what needs a mail is refused in words."""
        return self.mail_url is not None

    @property
    def behind_proxy(self) -> bool:
        """Whether the forwarding headers of somebody in front of us are believed."""
        return self.trusted_proxy != "none"

    def __repr__(self) -> str:
        """Show every setting, secrets and addresses that hold passwords masked."""
        shown = (f"{f.name}={self._shown(f.name)}" for f in fields(self))
        return f"Settings({', '.join(shown)})"

    def _shown(self, name: str) -> str:
        value = getattr(self, name)
        return "'***'" if name in SECRET_FIELDS and value else repr(value)


class _Reader:
    """Takes values out of the environment and collects what is wrong with them, by their names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: dict[str, str] = {}
        self.production = environ.get("APP_ENV", "").strip() == "production"

    def take(self, name: str, convert: Callable[[str], T], default: str | None = None) -> T:
        """Convert the value of ``name``; a missing one is ``default``, or a fault where there is none."""
        try:
            return convert(self._text(name, default))
        except ValueError as error:
            self.faults[name] = f"{name} {error}"
            # The value is never used: from_env raises for the fault, and no contradiction is looked for in it.
            return cast(T, None)

    def _text(self, name: str, default: str | None) -> str:
        text = self.environ.get(name, "").strip() or default
        if text is None:
            raise ValueError(f"is not set; {_HELP[name]}")
        return text

    def outside_production(self, default: str) -> str | None:
        return None if self.production else default


_HELP = {
    "SECRET_KEY": "32 or more random characters, for example from: python -c 'import secrets; "
    "print(secrets.token_urlsafe(48))' (make run makes one)",
    "REDIS_URL": "the address of your Redis, for example redis://localhost:6379/0 (make run starts one)",
    "DATABASE_URL": "the address of your database, for example postgresql://user:password@host/name",
    "PUBLIC_URL": "the address people type, for example https://example.com",
}


def _read(reader: _Reader) -> Settings:
    take = reader.take
    port = take("PORT", values.whole(1, addresses.HIGHEST_PORT), DEFAULT_PORT)
    # A faulty port is told of once, under its own name.
    local = f"http://localhost:{port or DEFAULT_PORT}"
    return Settings(
        environment=take("APP_ENV", values.environment, "development"),
        secret_key=take("SECRET_KEY", values.secret),
        secret_key_fallbacks=take("SECRET_KEY_FALLBACKS", values.listed(values.secret), ""),
        redis_url=take("REDIS_URL", addresses.redis_url),
        redis_tls_verify=take("REDIS_TLS_VERIFY", values.boolean, "true"),
        redis_connections=take(
            "REDIS_CONNECTIONS", values.whole(FEWEST_REDIS_CONNECTIONS, 10_000), DEFAULT_REDIS_CONNECTIONS
        ),
        database_url=take(
            "DATABASE_URL",
            addresses.database_url,
            reader.outside_production("sqlite:///instance/gatehouse.sqlite3"),
        ),
        public_url=take("PUBLIC_URL", addresses.origin, reader.outside_production(local)),
        trusted_proxy=take("TRUSTED_PROXY", values.trusted_proxy, "none"),
        trusted_proxy_networks=take("TRUSTED_PROXY_NETWORKS", values.listed(values.network), ""),
        session_idle=take("SESSION_IDLE", values.duration, "1h"),
        session_lifetime=take("SESSION_LIFETIME", values.duration, "24h"),
        remember_idle=take("REMEMBER_IDLE", values.duration, "30d"),
        remember_lifetime=take("REMEMBER_LIFETIME", values.duration, "90d"),
        session_touch=take("SESSION_TOUCH", values.duration, "60s"),
        session_limit=take("SESSION_LIMIT", values.whole(1, 1000), "50"),
        session_streams=take("SESSION_STREAMS", values.whole(0, 100_000), DEFAULT_SESSION_STREAMS),
        reauth_window=take("REAUTH_WINDOW", values.duration, "15m"),
        login_limit=take("LOGIN_LIMIT", values.rate, "5/15m"),
        password_min_length=take("PASSWORD_MIN_LENGTH", values.whole(8, 64), "8"),
        mail_url=take("MAIL_URL", addresses.mail_url, "") or None,
        mail_from=take("MAIL_FROM", addresses.mail_from, DEFAULT_MAIL_FROM),
        geoip_db=take("GEOIP_DB", values.places_file, ""),
        port=port,
        web_concurrency=take("WEB_CONCURRENCY", values.whole(1, 64), "1"),
    )


@dataclass(frozen=True, slots=True)
class _Contradiction:
    """Values that are right alone and wrong together."""

    names: set[str]
    found_in: Callable[[Settings], bool]
    sentence: str


_CONTRADICTIONS = (
    _Contradiction(
        {"SESSION_IDLE", "SESSION_LIFETIME"},
        lambda s: s.session_idle > s.session_lifetime,
        "SESSION_IDLE is longer than SESSION_LIFETIME; a pause cannot outlast the session.",
    ),
    _Contradiction(
        {"REMEMBER_IDLE", "REMEMBER_LIFETIME"},
        lambda s: s.remember_idle > s.remember_lifetime,
        "REMEMBER_IDLE is longer than REMEMBER_LIFETIME; a pause cannot outlast the session.",
    ),
    _Contradiction(
        {"SESSION_TOUCH", "SESSION_IDLE"},
        lambda s: s.session_touch >= s.session_idle,
        "SESSION_TOUCH is not below SESSION_IDLE; people in the middle of work would idle out.",
    ),
    _Contradiction(
        {"SESSION_TOUCH", "REMEMBER_IDLE"},
        lambda s: s.session_touch >= s.remember_idle,
        "SESSION_TOUCH is not below REMEMBER_IDLE; people in the middle of work would idle out.",
    ),
    _Contradiction(
        {"APP_ENV", "PUBLIC_URL"},
        lambda s: s.production and not s.secure,
        "PUBLIC_URL starts with http:// in production; session cookies need https://.",
    ),
    _Contradiction(
        {"TRUSTED_PROXY", "TRUSTED_PROXY_NETWORKS"},
        lambda s: bool(s.trusted_proxy_networks) and not s.behind_proxy,
        "TRUSTED_PROXY_NETWORKS is set while TRUSTED_PROXY is none; say which headers those peers set.",
    ),
    _Contradiction(
        {"APP_ENV", "MAIL_URL", "MAIL_FROM"},
        lambda s: s.production and (s.mail_url or "").startswith("smtp") and s.mail_from == DEFAULT_MAIL_FROM,
        f"MAIL_FROM is {DEFAULT_MAIL_FROM} while MAIL_URL names a mail server, and nobody takes mail from there; "
        f"{addresses.SENDER_FORMS}",
    ),
)


def _contradictions(settings: Settings, unread: Iterable[str]) -> list[str]:
    # Of a value that could not be read nothing more can be said.
    judged = (each for each in _CONTRADICTIONS if each.names.isdisjoint(unread))
    return [each.sentence for each in judged if each.found_in(settings)]
