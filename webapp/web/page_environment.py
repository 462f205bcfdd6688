"""The templates of pages: read once, and what can be drawn when they are compiled is not drawn again on each page.

The rule for whoever writes one: what follows from its arguments alone is a filter (``"chevron"|icon``), not a macro
that is imported. Jinja works out a filter on constants while it compiles a template, so that it costs a page nothing;
a macro costs 5 us where it is imported and 6 us at each call.
"""

import asyncio
import logging
import re
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any, cast

from jinja2 import BaseLoader, Environment, Template, TemplateError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from webapp.template_files import read_files

# The filters whose HTML stands in a macro of the same name, and the template that has it. Such a macro sees its
# arguments and nothing else: neither who looks at the page nor what the page was given.
DRAWN = {"icon": "macros/icon.html", "badge": "macros/badge.html", "question": "macros/dialog.html"}
# The only one of them that is drawn on a page as well, by a kind that the page was given: there are fewer than these.
ICONS = 64
# What is neither ASCII nor a letter, as dashes, dots and quotation marks are.
SIGN = re.compile(r"[^\w\x00-\x7f]")
# Seconds between two templates that are compiled beside pages; one takes half as long.
PAUSE = 0.01

log = logging.getLogger(__name__)


class PageEnvironment(Environment):
    """Jinja's environment, without the look-ups that cost a page more than its words do."""

    def __init__(self, **options: Any) -> None:
        """Take the same ``options`` as Jinja's."""
        super().__init__(**options)
        self._names: list[str] = []
        self._compiled: dict[str, Template] = {}
        self.filters.update({name: self._drawing(name, template) for name, template in DRAWN.items()})
        # Text that is safe and the same text that is not are equal to a dict, and are not drawn alike.
        self.filters["icon"] = lru_cache(ICONS, typed=True)(self.filters["icon"])

    def read_all(self) -> None:
        """Read the file of every template, and none any more from then on."""
        self._names = self.list_templates(["html"])
        read_files(self, self._names)

    async def compile_all(self) -> None:
        """Compile every template that was read, one at a time, with pauses for whoever asks for a page meanwhile.

        All of them take 0.4 s, a third of what the server would need for its start; the first page is made of few. One
        that cannot be compiled is logged, and stops none of the others.
        """
        for name in self._names:
            try:
                self.get_template(name)
            except TemplateError:
                log.exception("The template %s cannot be compiled.", name)
            await asyncio.sleep(PAUSE)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  # Jinja's name for it.
    ) -> Template:
        """Return a template; one that was asked for before by its name alone (4 us each, two a page).

        Raises TemplateNotFound and TemplateSyntaxError.
        """
        found = self._compiled.get(cast(str, name))
        if found is None:
            found = super().get_template(name, parent, globals)
            if isinstance(name, str) and not globals:
                self._compiled[name] = found
        return found

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give all templates the same plain globals: in Jinja's chain of two, each look-up is slow (10 us a page)."""
        return {**self.globals, **d} if d else self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return cast(nodes.Template, Preparation(self._body).visit(tree))

    def _body(self, name: str) -> list[nodes.Node]:
        source, filename, _ = cast(BaseLoader, self.loader).get_source(self, name)
        return self._parse(source, name, filename).body

    def _drawing(self, name: str, template: str) -> Callable[..., Markup]:
        def draw(*given: Any, **named: Any) -> Markup:
            return cast(Markup, getattr(self.get_template(template).module, name)(*given, **named))

        return draw


class Preparation(NodeTransformer):
    """Does as a template is compiled what need not be done on each page.

    What it includes is put into it, in a scope of its own (4 us each, six a page). Signs are sent as references: a page
    that is all ASCII is encoded at once (6 us). Letters are not, so that no language grows by it.
    """

    def __init__(self, body: Callable[[str], list[nodes.Node]]) -> None:
        """Take what is included from ``body``, by its name."""
        self._body = body

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802  # Jinja calls it by this name.
        """Return what stands in place of the tag; one that computes a name or may find nothing is left as it is."""
        if not isinstance(node.template, nodes.Const) or node.ignore_missing or not node.with_context:
            return node
        # A traceback shows the line of the tag: those of another file would be wrong in this one.
        return nodes.Scope(self._body(node.template.value)).set_lineno(node.lineno, override=True)

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802  # The same.
        """Write signs as references."""
        node.data = SIGN.sub(lambda sign: f"&#{ord(sign[0])};", node.data)
        return node
