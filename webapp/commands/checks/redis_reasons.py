"""Why Redis cannot be used, in words and with what to do; the drivers' own messages name causes, not cures."""

import socket
import ssl
from collections.abc import Iterator

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import AuthenticationError, BusyLoadingError

# What Redis says where a connection is refused for its number; redis-py has no exception for it.
FULL = "max number of clients"
SELF_SIGNED = "self-signed"


def reason(error: BaseException, *, tls: bool) -> str:
    """Say why Redis cannot be reached; ``tls`` is whether it was tried with TLS."""
    errors = list(_chain(error))
    for each in errors:
        if said := _of_tls(each) or _of_redis(each) or _of_system(each):
            return said
    if any(isinstance(each, TimeoutError) for each in errors):
        cure = "that it speaks TLS at all" if tls else "that no firewall lies between"
        return f"it says nothing. See that the address is right, and {cure}."
    if any(isinstance(each, ConnectionResetError) for each in errors) or "closed by server" in str(error):
        cure = "redis://" if tls else "rediss://, if it wants TLS"
        return f"it hangs up at once. Try {cure}."
    return f"{_first_line(error)}."


def _of_tls(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        if SELF_SIGNED in error.verify_message:
            return (
                "nobody signed its certificate. If that is so by design, as on Heroku, set REDIS_TLS_VERIFY=false: "
                "encrypted still, but to whom is not known."
            )
        return f"its certificate is not good for it: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS. Write redis:// in REDIS_URL, where the network is private."
    return None


def _of_redis(error: BaseException) -> str | None:
    if isinstance(error, AuthenticationError):
        return "it refuses the user or password of REDIS_URL."
    if isinstance(error, BusyLoadingError):
        return "it is still reading its data from disk. Wait a little."
    if FULL in str(error):
        return (
            "all connections that it allows are taken. Lower REDIS_CONNECTIONS, end what else uses it, or take a "
            "larger plan."
        )
    if isinstance(error, MasterNotFoundError):
        return "no sentinel that answers knows a primary of that name. See hosts and service in REDIS_URL."
    return None


def _of_system(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return "there is no such host. See REDIS_URL."
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return "nothing listens there. Start it, or see REDIS_URL."
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what it came from, one after the other."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _first_line(error: BaseException) -> str:
    return (str(error).partition("\n")[0] or type(error).__name__).rstrip(".")
