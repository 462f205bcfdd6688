"""The head of a request or an answer in HTTP/1.1, as a router reads, changes and writes it."""

from asyncio import StreamReader
from dataclasses import dataclass

# What Heroku's router takes, in bytes and in lines (Dev Center, "HTTP Routing"); Render's limits are not known.
LONGEST_LINE = 8192
LONGEST_NAME = 1000
MOST_HEADERS = 1000


class NotHttpError(Exception):
    """What came is no head that this router passes on."""


@dataclass(slots=True)
class Head:
    """A first line and the header lines, in their order and spelling."""

    first: bytes
    headers: list[tuple[bytes, bytes]]

    @property
    def words(self) -> list[bytes]:
        """Method, target and version; of an answer version, status and reason."""
        return self.first.split(b" ", 2)

    def values(self, name: bytes) -> list[bytes]:
        """Return what each line of that name holds."""
        return [value for written, value in self.headers if written.lower() == name]

    def lists(self, name: bytes, token: bytes) -> bool:
        """Tell whether the list in the lines of that name has a token."""
        return token in b",".join(self.values(name)).lower().replace(b" ", b"").split(b",")

    def drop(self, *names: bytes) -> None:
        """Take away all lines of those names."""
        self.headers = [header for header in self.headers if header[0].lower() not in names]

    def put(self, name: bytes, value: bytes) -> None:
        """Have exactly one line of that name, whatever there was."""
        self.drop(name)
        self.headers.append((name, value))

    def append(self, name: bytes, value: bytes) -> None:
        """Add a value at the right end of a list, which is its last line where it has several."""
        places = [place for place, header in enumerate(self.headers) if header[0].lower() == name]
        if not places:
            self.headers.append((name, value))
            return
        written, before = self.headers[places[-1]]
        self.headers[places[-1]] = (written, before + b", " + value)

    def encode(self) -> bytes:
        """Write it down."""
        return b"\r\n".join([self.first, *(b"%b: %b" % header for header in self.headers), b"", b""])


async def read_head(reader: StreamReader) -> Head | None:
    """Read the next head of a connection, None where that has ended; raises NotHttpError."""
    first = await read_line(reader)
    if not first:
        return None
    headers = []
    while line := await read_line(reader):
        headers.append(_header(line))
    if len(headers) > MOST_HEADERS or first.count(b" ") < 2:
        raise NotHttpError
    return Head(first, headers)


async def read_line(reader: StreamReader) -> bytes:
    """Read a line without its end; nothing where the connection has ended. Raises NotHttpError."""
    try:
        line = await reader.readline()
    except ValueError:  # It is longer than the reader's own limit.
        raise NotHttpError from None
    if len(line) > LONGEST_LINE:
        raise NotHttpError
    return line.rstrip(b"\r\n")


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not name or len(name) > LONGEST_NAME or name != name.strip():
        raise NotHttpError
    return name, value.strip(b" \t")
