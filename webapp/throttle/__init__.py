"""How often somebody may try, counted in Redis so that all processes count together."""

from .attempts import SignInAttempts
from .limits import RouteLimits
from .mails import MailLimit
from .network import network_of

__all__ = ["MailLimit", "RouteLimits", "SignInAttempts", "network_of"]
