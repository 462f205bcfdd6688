"""For the platform: whether the process is alive, and whether it can serve."""

from http import HTTPStatus

from quart import Blueprint, Response

from webapp.web.context import services
from webapp.web.errors import STORE_RETRY
from webapp.web.guards import public

blueprint = Blueprint("health", __name__)

PLAIN = "text/plain; charset=utf-8"


@blueprint.get("/healthz")
@public
async def alive() -> Response:
    """Say that the process answers, and nothing else; a Redis that is away must not get it restarted."""
    return Response("alive\n", content_type=PLAIN)


@blueprint.get("/readyz")
@public
async def ready() -> Response:
    """Say whether Redis and SQL answer too and the tables are there; 503 when not, with a line for each fault."""
    faults = await services().faults()
    if not faults:
        return Response("ready\n", content_type=PLAIN)
    said = "".join(f"{fault}\n" for fault in faults)
    headers = {"Retry-After": str(STORE_RETRY)}
    return Response(said, HTTPStatus.SERVICE_UNAVAILABLE, headers, content_type=PLAIN)
