"""A mail server of a few lines, which greets, takes TLS and passwords, and must never be given a mail."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "ada", "s3cret-word"


@dataclass
class MailServer:
    """What it offers, and what it was asked."""

    starttls: bool = True
    greeting: bytes = b"220 ready"
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter, tls: ssl.SSLContext) -> None:
        """Talk to one client."""
        writer.write(self.greeting + b"\r\n")
        while line := (await reader.readline()).decode().strip():
            self.asked.append(line.split()[0].upper())
            writer.write(self._answer(line) + b"\r\n")
            if self.asked[-1] == "STARTTLS":
                await writer.start_tls(tls)
            if self.asked[-1] == "QUIT":
                break
        writer.close()

    def _answer(self, line: str) -> bytes:
        match self.asked[-1]:
            case "EHLO":
                offers = [b"mail.test", b"AUTH PLAIN", *([b"STARTTLS"] if self.starttls else [])]
                return b"\r\n".join(b"250-" + offer for offer in offers) + b"\r\n250 8BITMIME"
            case "AUTH":
                right = b64decode(line.split()[2]) == f"\0{USER}\0{PASSWORD}".encode()
                return b"235 welcome" if right else b"535 wrong"
            case "STARTTLS":
                return b"220 go on"
            case "QUIT":
                return b"221 bye"
        return b"500 what?"


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext, *, encrypted: bool = False, **options: object) -> AsyncIterator[MailServer]:
    """Serve on a free port; ``encrypted`` is TLS from the start, the other ``options`` are MailServer's."""
    mail = MailServer(**options)  # type: ignore[arg-type]  # Passed on as they are.

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        await mail.serve(reader, writer, tls)

    server = await asyncio.start_server(talk, "127.0.0.1", ssl=tls if encrypted else None)
    mail.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mail
