"""What no line of the log may hold, and how it is masked (ASVS 16.2.5).

Nobody here logs a password on purpose. But a bug's traceback may quote the row that the database refused, and a
library's message the address that it was connecting to. So whatever is free text passes here first. The rules know the
forms of secrets, not their meaning: better a harmless text masked than one secret told. What a request brought with it
is known exactly, and is masked wherever it turns up in a line of that request.

Texts may be a stranger's and long, so no rule may take time that grows with the square of one.
"""

import re
from collections.abc import Collection, Iterable

from . import secret_paths

MASK = secret_paths.MASK
CUT = " [...] "

# Characters of one text that are looked at; no line shows as many.
READ_LENGTH = 16_384
# Characters. More than a password or an address may have; what is longer is known by any part of it.
LONGEST_SECRET = 1024
# Shorter ones are no secrets of ours (passwords have eight characters or more), and masking them would blank words.
SECRET_LENGTH = 8

# RFC 5321, 4.5.3.1: so long are the two halves of an address; without bounds a search would be quadratic. Brackets,
# quotes and slashes are taken for the surroundings of an address, although RFC 5322 allows some of them inside.
_PLAIN = r"""[^\s@'"<>()\[\],;:\\/=&?]"""
_LOCAL_PART = rf"""(?:"[^"\n]{{1,64}}"|(?:{_PLAIN}|(?<=\w)'(?=\w)){{0,63}}?[^\s@])"""
_DOMAIN = rf"(?:{_PLAIN}{{1,255}}|\[[^\s\]]{{1,255}}\])"
# scheme://user:password@host keeps its host. Else it is a mail address, whose @ may be spelled as in a URL; where
# somebody typed more than one @ into it, all that they typed.
_ADDRESSES = re.compile(rf"(?P<credentials>(?<=://)[^\s/?#\"'<>]*@)|{_LOCAL_PART}(?:(?:@|%40){_DOMAIN})+")

# PHC strings, as argon2-cffi writes them.
_HASHES = re.compile(r"\$argon2[a-z]{1,2}\$[A-Za-z0-9+/=,.$-]*")

# 240 bits and more as base64url or hex: secrets of sessions and their hashes, form tokens, tokens of links in mails,
# and cookies with the signatures behind their dots. Public ids (22 characters) and UUIDs (36) are shorter.
_RUN_LENGTH = 40
_RUNS = re.compile(rf"[A-Za-z0-9_-]{{{_RUN_LENGTH},}}(?:\.[A-Za-z0-9_-]+)*")
# Names in code are long as well, but they have neither capitals nor digits. A random text of that length without
# either is not to be expected in the lifetime of the universe, or (hex) of this planet.
_RANDOM = re.compile(r"[A-Z0-9]")

# Between a name and what it names: in a header or an assignment, in a dictionary, in a list of pairs.
_IS = r"""(?:["']?\s{0,3}[:=]|["'],)\s{0,3}"""
# Our cookies (web/identity.py, web/visitor.py) by name, whatever they hold, and the headers that carry them to the end
# of their line.
_COOKIES = re.compile(r"\b((?:__Host-)?(?:session|visitor)=)[^\s;,\"']+")
_HEADERS = re.compile(rf"(?i)((?:cookie|authorization){_IS})[^\n]+")
# password=…, 'csrf_token': '…', and their like.
_NAMED = re.compile(
    rf"(?i)((?:passw(?:or)?d|passphrase|secret|token)\w{{0,20}}{_IS})"
    r"""(?:b?"(?:[^"\\\n]|\\.)*"|b?'(?:[^'\\\n]|\\.)*'|[^\s,;&)\]}]+)"""
)
# PostgreSQL quotes here what stood in the row.
_DETAILS = re.compile(r"(DETAIL: {0,3})[^\n]+")


def scrubbed(text: str, secrets: Collection[str] = ()) -> str:
    """Return ``text`` with ``secrets``, and all that looks like a secret or a mail address, masked.

    Takes a microsecond for an ordinary line, since most rules have a character without which they need not be tried.
    Of a text longer than READ_LENGTH less than that is returned, from its beginning and its end.
    """
    # Before anything is cut: of a link's end nobody could tell what it belonged to.
    text = secret_paths.without_links(text)
    if len(text) > READ_LENGTH:
        return _scrubbed_ends(text, secrets)
    if secrets:
        text = without(text, secrets)
    if "=" in text or ":" in text or "," in text:
        text = _scrub_what_is_named(text)
    if "@" in text or "%40" in text:
        text = _ADDRESSES.sub(_masked_address, text)
    if "$argon2" in text:
        text = _HASHES.sub(MASK, text)
    return _RUNS.sub(_masked_run, text) if len(text) >= _RUN_LENGTH else text


def _scrubbed_ends(text: str, secrets: Collection[str]) -> str:
    half = READ_LENGTH // 2
    # A cut may go through a secret, and half of one has not its form any more; so what is near the cuts goes too.
    beginning = scrubbed(text[:half], secrets)[:-LONGEST_SECRET]
    return beginning + CUT + scrubbed(text[-half:], secrets)[LONGEST_SECRET:]


def without(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with each of ``secrets`` masked, wherever it stands."""
    # One may be a part of another.
    for secret in sorted([secret for secret in secrets if secret in text], key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def spellings(secret: str) -> set[str]:
    """Return how a secret may look in a line: as it is, and as Python quotes it; nothing if it is too short for one."""
    return {secret, repr(secret)[1:-1]} if len(secret) >= SECRET_LENGTH else set()


def _scrub_what_is_named(text: str) -> str:
    text = _DETAILS.sub(rf"\g<1>{MASK}", text)
    text = _HEADERS.sub(rf"\g<1>{MASK}", text)
    text = _COOKIES.sub(rf"\g<1>{MASK}", text)
    return _NAMED.sub(rf"\g<1>{MASK}", text)


def _masked_address(found: re.Match[str]) -> str:
    return f"{MASK}@" if found["credentials"] else MASK


def _masked_run(found: re.Match[str]) -> str:
    return MASK if _RANDOM.search(found[0]) else found[0]
