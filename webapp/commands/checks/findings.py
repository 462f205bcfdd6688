"""What a check has to say."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, unquote, urlsplit

from webapp.settings import Settings

# A shorter password would be found by chance in the middle of words, and is no secret.
SHORTEST_SECRET = 4


class Mark(Enum):
    """How bad it is: as it should be; works, and may be regretted; does not work, or is not safe."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about one thing, in the words of an operator; where something is amiss, with what to do."""

    mark: Mark
    text: str


def ok(text: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(Mark.OK, text)


def warning(text: str) -> Finding:
    """Say that something works and may be regretted, or that it could not be seen."""
    return Finding(Mark.WARNING, text)


def wrong(text: str) -> Finding:
    """Say that something does not work or is not safe."""
    return Finding(Mark.WRONG, text)


def masked(text: str, settings: Settings) -> str:
    """Take every secret of the settings out of ``text``: parts of it come from drivers, who may quote an address."""
    for secret in sorted(_secrets(settings), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets(settings: Settings) -> set[str]:
    found = {settings.secret_key, *settings.secret_key_fallbacks}
    for address in (settings.redis_url, settings.database_url, settings.mail_url or ""):
        parts = urlsplit(address)
        found |= {parts.password or "", unquote(parts.password or "")}
        found |= {value for name, value in parse_qsl(parts.query) if "password" in name}
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}
