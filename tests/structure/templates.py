"""The templates of pages as files: what each contains, and which other it draws in.

Those of mails are not among them: mail programs want styles inside, and no page draws them in (see tests/mail).
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, nodes
from structure.files import ROOT, ours

from webapp.web.page_environment import DRAWN

FOLDER = ROOT / "templates"
MAIL = "mail/"
ENVIRONMENT = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
DRAWING: tuple[type[nodes.Node], ...] = (nodes.Extends, nodes.Include, nodes.FromImport, nodes.Import)
MACRO = re.compile(r"\{%-?\s*macro\b.*?\bendmacro\s*-?%\}", re.DOTALL)


def names() -> list[str]:
    """Return the name of every template of a page or a piece of one."""
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
    return sorted(name for name in found if not name.startswith(MAIL))


def fragments() -> list[str]:
    """Return those that are pieces of pages."""
    return [name for name in names() if Path(name).name.startswith("_")]


def source(name: str) -> str:
    """Return a template as it was written."""
    return (FOLDER / name).read_text()


@cache
def drawn_in(name: str) -> set[str]:
    """Return the templates that ``name`` extends, includes or imports from, or draws by a filter."""
    tree = ENVIRONMENT.parse(source(name))
    filters = {DRAWN[node.name] for node in tree.find_all(nodes.Filter) if node.name in DRAWN}
    # A name that is computed would be hidden from everybody who searches for it, so it fails here.
    return filters | {
        cast(nodes.Const, dict(node.iter_fields())["template"]).as_const()
        for kind in DRAWING
        for node in tree.find_all(kind)
    }


@cache
def reached_from(name: str) -> set[str]:
    """Return ``name`` and all that it draws in, directly or not."""
    found, waiting = set[str](), {name}
    while waiting:
        found |= waiting
        waiting = set().union(*map(drawn_in, waiting)) - found
    return found


def markup(name: str) -> str:
    """Return the HTML of a template without its macros; what is filled in is an ``x``."""
    pieces = []
    for _, kind, text in ENVIRONMENT.lex(MACRO.sub("", source(name))):
        if kind in {"data", "raw_data"}:
            pieces.append(text)
        elif kind == "variable_begin":
            pieces.append("x")
    return "".join(pieces)


@cache
def named_in_code() -> set[str]:
    """Return the templates that handlers name, literally or with a part that is filled in."""
    patterns = [pattern for path in ours(".py") if "webapp" in path.parts for pattern in _patterns(path)]
    return {name for name in names() for pattern in patterns if re.fullmatch(pattern, name)}


def named_in_vain() -> list[str]:
    """Return what handlers name and no template fits."""
    patterns = [pattern for path in ours(".py") if "webapp" in path.parts for pattern in _patterns(path)]
    return [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in names())]


def _patterns(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = (_pattern(node) for node in ast.walk(tree) if node not in inner)
    # Where the folder is filled in, any template would fit: that is the one place that shows forms, which say theirs.
    # And an ending alone is no name.
    whole = [pattern for pattern in found if pattern.endswith(r"\.html") and pattern[0].isalpha()]
    return whole + [pattern for node in ast.walk(tree) for pattern in _patterns_of_form(node)]


def _patterns_of_form(node: ast.AST) -> list[str]:
    """Return the fragment that a form names as ``template = "folder/name"``, and the page that holds it."""
    if not isinstance(node, ast.ClassDef):
        return []
    said = dict(match for each in node.body if (match := _said(each)) is not None)
    if not (template := said.get("template", "")):
        return []
    fragment = "/_".join(template.rsplit("/", 1))
    return [re.escape(f"{name}.html") for name in (fragment, said.get("page_template") or template)]


def _said(node: ast.AST) -> tuple[str, str] | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
            return name, text
    return None


def _pattern(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return re.escape(text)
        case ast.JoinedStr(values=parts):
            return "".join(_pattern(part) for part in parts)
        case ast.FormattedValue():
            return "[a-z]+"
    return ""
