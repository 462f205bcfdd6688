"""Static files under names that hold a hash of their content, so that browsers may keep them for a year.

They are read once at the start: a handful of small files, served from memory.
"""

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from quart import Quart, Response, abort

from .guards import public

# The longest that RFC 9111 knows how to use sensibly; a changed file has another name.
A_YEAR = 31_536_000
HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file and where it is served."""

    path: str
    body: bytes
    content_type: str


class Assets:
    """All files below one folder; documentation beside vendored files is not served."""

    def __init__(self, folder: Path) -> None:
        self._by_name = {
            file.relative_to(folder).as_posix(): _read(file, folder)
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.suffix in SERVED
        }
        self._by_path = {asset.path: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Return the address of the file ``name``; raises KeyError for one that does not exist."""
        return f"/static/{self._by_name[name].path}"

    def find(self, path: str) -> Asset | None:
        """Return the file that is served at ``path`` below ``/static/``."""
        return self._by_path.get(path)


SERVED = {".css", ".js", ".svg"}


def _read(file: Path, folder: Path) -> Asset:
    body = file.read_bytes()
    mark = sha256(body).hexdigest()[:HASH_LENGTH]
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    hashed = file.relative_to(folder).with_name(f"{file.stem}.{mark}{file.suffix}")
    return Asset(hashed.as_posix(), body, f"{kind}; charset=utf-8")


def install_assets(app: Quart, folder: Path) -> Assets:
    """Serve the files below ``folder`` and return the book of their addresses."""
    assets = Assets(folder)

    @app.get("/static/<path:path>")
    @public
    async def static(path: str) -> Response:
        asset = assets.find(path)
        if asset is None:
            abort(HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": f"public, max-age={A_YEAR}, immutable"}
        return Response(asset.body, HTTPStatus.OK, headers, content_type=asset.content_type)

    return assets
