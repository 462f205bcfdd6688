"""What all forms share: being read from a request, and refusing a stale token without losing what was typed."""

from http import HTTPStatus
from typing import Any, ClassVar, Self

from quart import Response, g
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, ValidationError

from webapp.accounts import names
from webapp.web import htmx
from webapp.web.bodies import read_fields
from webapp.web.faces import Face, as_json, face, problem
from webapp.web.templating import fragment, page

STALE = "This page had been open for too long, so nothing was done. Everything is still here: please send it again."


class BaseForm(Form):
    """A form with a sentence for the whole of it (``problem``) besides those at its fields.

    ``template`` is ``folder/name``: the fragment ``folder/_name.html`` is the form, and the page ``folder/name.html``
    holds it. A page with several forms is named by each of them as ``page_template``, and gets from ``context`` what it
    needs besides. ``template`` is empty where the form is a part of something else.
    """

    template: ClassVar[str] = ""
    page_template: ClassVar[str] = ""

    def __init__(self, formdata: MultiDict[str, str] | None = None, **values: Any) -> None:
        super().__init__(formdata=formdata, **values)
        self.problem = ""
        # Seconds that the problem names, and an address and words for a link where there is another way.
        self.wait = 0
        self.way_out: tuple[str, str] | None = None

    @classmethod
    async def submitted(cls) -> Self:
        """Read the form from the request's body; if the request fails, what was typed is shown again."""
        form = cls(formdata=await read_fields())
        g.form = form
        return form

    def acceptable(self) -> bool:
        """Whether token, shape and lengths are right; if not, the form says why. Raises TooManyTries."""
        # A stale token is told alone: what else is wrong is told when the form comes again.
        if g.get("stale_form", False):
            self.problem = STALE
            return False
        # Too many such requests have come: the form is shown again, with what was typed and the wait.
        if refusal := g.get("refusal"):
            raise refusal
        return self.validate()

    def refuse(self, name: str, sentence: str) -> None:
        """Put a sentence at the field ``name``."""
        field: Field = self[name]
        field.errors = [*field.errors, sentence]

    def context(self) -> dict[str, Any]:
        """Return what the page and the fragment need besides the form itself; nothing, unless a form says more."""
        return {}

    def placed(self, response: Response) -> Response:
        """Tell htmx where the fragment goes, if not to where the form is that was sent."""
        return response

    def used(self) -> None:
        """Say that what was sent is done, so that it is not shown again whatever fails afterwards."""
        g.pop("form", None)

    @property
    def faults(self) -> dict[str, list[str]]:
        """The sentences by field, for JSON clients."""
        return {name: [str(error) for error in field.errors] for name, field in self._fields.items() if field.errors}


def form_under_way() -> BaseForm | None:
    """Return the form that this request brought, if a page of its own can show it again."""
    form = g.get("form")
    return form if isinstance(form, BaseForm) and form.template else None


def show_form(form: BaseForm, status: int = HTTPStatus.OK) -> Response:
    """Answer with a form: its page, its fragment, or as JSON its faults or what it takes."""
    if face() is Face.JSON and status == HTTPStatus.OK:
        return as_json({"fields": list(form.data)})
    if face() is Face.JSON:
        return show_faults(form, status)
    if htmx.wants_fragment():
        folder, _, name = form.template.rpartition("/")
        return form.placed(fragment(f"{folder}/_{name}.html", status, form=form, **form.context()))
    return page(f"{form.page_template or form.template}.html", status, form=form, **form.context())


def show_faults(form: BaseForm, status: int) -> Response:
    """Answer a JSON client with what is wrong, field by field."""
    detail = form.problem or "Some fields are not acceptable."
    return problem(status, HTTPStatus(status).phrase, detail, errors=form.faults)


def is_a_name(_: Form, field: Field) -> None:
    """Check that a name is one line of text that can be seen."""
    try:
        names.check(field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from None


def stripped(text: str | None) -> str | None:
    """Drop white space around what was typed."""
    return text.strip() if text else text
