"""How often somebody may try, counted in Redis so that all processes count together."""

from .attempts import SignInAttempts
from .mails import MailLimit
from .network import network_of

__all__ = ["MailLimit", "SignInAttempts", "network_of"]
