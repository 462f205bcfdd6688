"""How an address in the environment is read: of Redis, the database, the mail server, and the site itself.

As in ``setting_values``, each function gives the value or raises ValueError with the rest of a sentence. The text may
hold a password, so no sentence repeats it.
"""

import re
from ipaddress import IPv6Address
from pathlib import Path
from unicodedata import normalize
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import email_validator
from email_validator import ValidatedEmail, validate_email
from psycopg import pq

REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
MAIL_SCHEMES = ("smtp", "smtps", "file")
# What may follow the question mark. The bounds that redis_connection sets are not for the address to change.
REDIS_PARAMETERS = {"redis+sentinel": {"sentinel_username", "sentinel_password"}, "redis+cluster": set[str]()}
HIGHEST_PORT = 65535
# Octets of an address (RFC 5321, 4.5.3.1.3, as its erratum 1690 counts), and characters of a sender's name.
LONGEST_MAILBOX, LONGEST_SENDER = 254, 100
DATABASE_FORMS = "write sqlite:///path or postgresql://user:password@host/name."
SENDER_FORMS = "write a sender such as Gatehouse <hello@example.com>, or its address alone."

# ``Gatehouse <hello@example.com>``, with or without quotation marks around the name.
SENDER = re.compile(r'(?:"(?P<quoted>[^"\\]*)"|(?P<name>[^"<>@]*?))\s*<(?P<address>[^<>]+)>')

# Names that no public mail server has, such as ``localhost``. Intranets use them, and tests do. This list is the
# library's documented switch for it.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def redis_url(text: str) -> str:
    """Check the form of a Redis address; it is opened by ``redis_connection``."""
    parts = _split(text, REDIS_SCHEMES)
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError("names no socket; write unix:///path/to/redis.sock.")
    else:
        _check_redis_hosts(parts)
        _check_redis_path(parts)
    _check_redis_parameters(parts)
    return text


def _check_redis_hosts(parts: SplitResult) -> None:
    hosts = _hosts(parts)
    if not hosts:
        raise ValueError(f"names no host; write {parts.scheme}://host:port.")
    several = parts.scheme in REDIS_PARAMETERS
    # Without a host redis:// means this computer; a place in a list that names none is a slip.
    if several and not all(re.match(r"[^:]", host) for host in hosts.split(",")):
        raise ValueError(f"has a place without a host; write {parts.scheme}://host:port,host:port.")
    if ("," in hosts and not several) or not all(map(_is_host, hosts.split(","))):
        raise ValueError(f"has a host or port that cannot be read; write {parts.scheme}://host:port.")


def _check_redis_path(parts: SplitResult) -> None:
    path = parts.path.strip("/")
    if parts.scheme == "redis+cluster" and path:
        raise ValueError("names a db, and a cluster has none to choose; write redis+cluster://host:port,host:port.")
    service, _, db = path.partition("/") if parts.scheme == "redis+sentinel" else ("-", "", path)
    if not service:
        raise ValueError("names no service; write redis+sentinel://host:port,host:port/service/db.")
    if db and not _is_number(db):
        raise ValueError("has a db that is no number; write one such as 0.")


def _check_redis_parameters(parts: SplitResult) -> None:
    allowed = REDIS_PARAMETERS.get(parts.scheme, {"db"})
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in allowed:
            raise ValueError(f"has a parameter it cannot have; it may have {' and '.join(sorted(allowed)) or 'none'}.")
        if name == "db" and not _is_number(value):
            raise ValueError("has a db that is no number; write one such as ?db=0.")


def database_url(text: str) -> str:
    """Check the form of a database address and give it with its scheme in lower case; ``database`` opens it."""
    parts = _split(text, DATABASE_SCHEMES)
    if not parts.path.strip("/"):
        raise ValueError(f"names no {'file' if parts.scheme == 'sqlite' else 'database'}; {DATABASE_FORMS}")
    (_check_sqlite if parts.scheme == "sqlite" else _check_postgresql)(parts)
    return f"{parts.scheme}:{text.partition(':')[2]}"


def _check_sqlite(parts: SplitResult) -> None:
    if parts.netloc:
        raise ValueError("names a host, and SQLite has none; write sqlite:///path.")
    # Migrations run in a process of their own, and every connection would see another empty database.
    if ":memory:" in parts.path or ("mode", "memory") in parse_qsl(parts.query):
        raise ValueError("is kept in memory, where only one connection sees it; write sqlite:///path.")


def _check_postgresql(parts: SplitResult) -> None:
    if not _is_host(_hosts(parts)):
        raise ValueError("has a host or port that cannot be read; write several as ///name?host=one,two&port=1,2.")
    # What libpq does not know it would complain about at every connection, and so at every sign-in.
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            raise ValueError("has a parameter that PostgreSQL does not know; sslmode=require is a usual one.")
        if name == "connect_timeout" and not _is_number(value):
            raise ValueError("has a connect_timeout that is no number; write whole seconds.")


def mail_url(text: str) -> str:
    """Check the form of a mail server's address or of a folder for mails; an empty one means that none are sent."""
    if not text:
        return ""
    parts = _split(text, MAIL_SCHEMES)
    (_check_mail_folder if parts.scheme == "file" else _check_mail_server)(parts)
    return f"{parts.scheme}:{text.partition(':')[2]}"


def _check_mail_folder(parts: SplitResult) -> None:
    folder = unquote(parts.netloc + parts.path)
    written = parts.netloc or parts.path.startswith("/")
    if not written or not folder.strip("/") or parts.query or parts.fragment or not folder.isprintable():
        raise ValueError("names no folder; write file:///path/to/folder.")
    # A shell knows these; here they would be folders with odd names.
    if folder.startswith(("~", "$")):
        raise ValueError("has a short form in it; write the whole path, such as file:///path/to/folder.")


def _check_mail_server(parts: SplitResult) -> None:
    form = f"{parts.scheme}://user:password@host:port"
    if not parts.hostname or not re.fullmatch(r"[a-z0-9._:-]+", parts.hostname) or not _is_host(_hosts(parts)):
        raise ValueError(f"has no host or port that can be read; write {form}.")
    if parts.port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"has something after the host that is no port; write {form}, with / ? # and @ as %-codes.")
    if bool(parts.username) != bool(parts.password):
        raise ValueError(f"has only one of user and password; write {form}.")
    if not unquote(f"{parts.username or ''}{parts.password or ''}").isprintable():
        raise ValueError(f"has a user or password that no server takes; write {form}, in printable characters.")


def mail_folder(url: str) -> Path:
    """Give the folder that a ``file://`` address names; file://localhost/path is file:///path, as RFC 8089 has it."""
    parts = urlsplit(url)
    host = "" if parts.netloc == "localhost" else parts.netloc
    return Path(unquote(host + parts.path))


def mail_from(text: str) -> str:
    """Check a sender: an address, with a name before it or alone."""
    try:
        sender(text)
    except ValueError:
        raise ValueError(f"is {text!r}; {SENDER_FORMS}") from None
    return text


def sender(text: str) -> tuple[str, ValidatedEmail]:
    """Read a sender into its name, which may be empty, and its address; raises ValueError when it is none."""
    match = SENDER.fullmatch(text)
    name = (match["quoted"] or match["name"] or "").strip() if match else ""
    if not name.isprintable() or len(name) > LONGEST_SENDER:
        raise ValueError("The name is more than a line.")
    return name, mailbox(match["address"] if match else text)


def mailbox(text: str) -> ValidatedEmail:
    """Read an address that mail can go to or come from; raises ValueError when it is none.

    Its ``local_part`` and ``ascii_domain`` hold no white space, control character or quotation mark, so that no header
    and no command of SMTP can be broken by them. ``smtputf8`` tells that the local part is not ASCII.
    """
    # Measured before it is normalised, whose time grows with the square of the length.
    if len(text) > LONGEST_MAILBOX:
        raise ValueError("The address is too long.")
    return validate_email(normalize("NFC", text), check_deliverability=False, globally_deliverable=False, strict=True)


def origin(text: str) -> str:
    """Read the one origin of the site, without path; scheme and host in lower case, no default port."""
    parts = _split(text, ("http", "https"))
    # What stands before an @ may be a password.
    shown = "is no origin" if "@" in text else f"is {text!r}"
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or "@" in text or parts.port == 0:
        raise ValueError(f"{shown}; write the origin alone, such as https://example.com.")
    if not parts.hostname.isascii():
        raise ValueError(f"{shown}; write the host as it stands in the Host header, in punycode (xn--...).")
    # One host: no list of them, no white space.
    if not _is_host(parts.netloc) or not re.fullmatch(r"[a-z0-9._:-]+", parts.hostname):
        raise ValueError(f"{shown}; write one origin, such as https://example.com.")
    host = f"[{IPv6Address(parts.hostname)}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, default} else ""
    return f"{parts.scheme}://{host}{port}"


def _split(text: str, schemes: tuple[str, ...]) -> SplitResult:
    # The text may hold a password, so no message repeats it.
    try:
        parts = urlsplit(text)
        _ = parts.port if "," not in parts.netloc else None
    except ValueError:
        raise ValueError("is not an address that can be read.") from None
    if parts.scheme not in schemes:
        raise ValueError(f"starts with none of {', '.join(f'{scheme}://' for scheme in schemes)}.")
    return parts


def _hosts(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _is_host(text: str) -> bool:
    match = re.fullmatch(r"(?:\[([^\[\]]+)\]|[^:\[\]]*)(?::([0-9]{0,5}))?", text)
    return match is not None and int(match[2] or 0) <= HIGHEST_PORT and (match[1] is None or _is_ipv6(match[1]))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", text) is not None
