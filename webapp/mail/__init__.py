"""What we write to you: letters, and how they leave the house.

letters     the words: a text and an HTML part from templates/mail
greeting    the name that a letter greets
message     the mail around a letter, with its headers
smtp        the way over a mail server
files       the way into a folder
mailer      does the outbox's entries of the kind ``mail``
errors      what can go wrong with all that
"""

from .errors import MailNotSent, PerhapsSent, Undeliverable
from .mailer import Mailer, open_mailer

__all__ = ["MailNotSent", "Mailer", "PerhapsSent", "Undeliverable", "open_mailer"]
