"""The words of a letter: its subject, its text and its HTML, from the templates in templates/mail.

A letter ``confirm-email`` is two templates, ``confirm-email.txt`` and ``confirm-email.html``. The first line of the
text is the subject. The templates say what happened, when, what to do, and what to do if it was somebody else.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from webapp import words
from webapp.template_files import read_files

from .errors import MailNotSent
from .greeting import device_names, greeting_names, whereabouts

FOLDER = Path(__file__).parents[2] / "templates"
ROOM = "mail/"
ENDINGS = ("txt", "html")
# Every reader shows so many characters of a line, quoted once or twice too (RFC 5322, 2.1.1, recommends 78).
LINE_LENGTH = 74
# What a body may hold as Unix seconds, and templates get in words.
MOMENTS = ("at", "erase_at", "expires")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is read."""

    subject: str
    text: str
    html: str


class Letters:
    """Writes letters of the site at ``public_url``."""

    def __init__(self, public_url: str) -> None:
        self._environment = environment(FileSystemLoader(FOLDER))
        self._environment.globals.update(site_name=words.SITE_NAME, public_url=public_url)
        every = self._environment.list_templates(extensions=ENDINGS)
        read_files(self._environment, [name for name in every if name.startswith(ROOM)])

    def write(self, letter: str, values: Mapping[str, str], created: int) -> Letter:
        """Write a letter; ``values`` are an entry's, with ``link`` where there is one, ``created`` is the entry's.

        Raises MailNotSent for a letter that this version does not know: the next one's processes may.
        """
        told = _in_words(values, created)
        try:
            text, html = (self._environment.get_template(f"{ROOM}{letter}.{ending}") for ending in ENDINGS)
        except TemplateNotFound:
            raise MailNotSent("this version of the site knows no such letter") from None
        subject, _, body = text.render(told).partition("\n")
        return Letter(subject, _filled(body), html.render(told, subject=subject))


def environment(loader: BaseLoader) -> Environment:
    """Give the rules by which letters are made: a value that nobody gave is an error, and only HTML is escaped."""
    return Environment(
        loader=loader,
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _in_words(values: Mapping[str, str], created: int) -> dict[str, str]:
    moments = {name: words.exact(int(values[name])) for name in MOMENTS if values.get(name)}
    lasts = {"lasts": words.nearly(int(values["expires"]) - created)} if "expires" in values else {}
    name = values.get("name", "")
    # An address that nobody has proven is given no name (accounts/owed.py), and none has a person without one.
    names = greeting_names(name) | device_names(values.get("device", ""), proven=bool(name))
    where = {"where": whereabouts(values["where"], proven=bool(name))} if "where" in values else {}
    return {**values, **moments, **lasts, **names, **where, "asked": words.exact(created)}


def _filled(text: str) -> str:
    """Break each paragraph into lines; an address that is longer than one stays whole, so that it can be opened."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    lines = (
        textwrap.fill(part, LINE_LENGTH, break_long_words=False, break_on_hyphens=False) for part in paragraphs if part
    )
    return "\n\n".join(lines) + "\n"
