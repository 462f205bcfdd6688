"""All that is kept about people, in the order in which it is told."""

from webapp.settings import Settings

from .elsewhere import elsewhere
from .in_redis import in_redis
from .in_sql import IN_SQL
from .model import Kept

__all__ = ["Kept", "describe_kept"]


def describe_kept(settings: Settings) -> tuple[Kept, ...]:
    """Describe everything, with the periods that ``settings`` give."""
    return (*IN_SQL, *in_redis(settings), *elsewhere(settings))
