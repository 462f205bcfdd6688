"""That it is still the person who signed in: the password once more, before something that cannot be undone."""

from http import HTTPStatus

from quart_auth import Unauthorized

from webapp.errors import WrongCredentials

from . import identity
from .client import client_network
from .context import services
from .forms.confirming import ConfirmingForm
from .guards import confirmed_until

MISSING = "Please enter your password to confirm that it is you."
WRONG = "The password is not right."


async def password_given(form: ConfirmingForm) -> bool:
    """Tell whether the password was confirmed a moment ago, or is by this form; if not, its field says why.

    Raises TooManyTries, StoreUnavailable, and Unauthorized when the session was ended meanwhile.
    """
    if confirmed_until() is not None:
        return True
    if not form.password.data:
        form.refuse("password", MISSING)
        return False
    try:
        await confirm(form.password.data)
    except WrongCredentials:
        form.refuse("password", WRONG)
        form.refusal = HTTPStatus.UNAUTHORIZED
        return False
    # If the form comes back for another reason, this one is settled.
    form.asks_password = False
    return True


async def confirm(password: str) -> None:
    """Note that the password was confirmed now.

    Raises WrongCredentials, TooManyTries, StoreUnavailable, and Unauthorized when the session was ended meanwhile.
    """
    here = identity.signed_in()
    await services().accounts.confirm_password(here.account.id, password, network=client_network())
    if not await services().sessions.confirm(here.account.id, here.session.id):
        # From another device, while the password was being checked.
        raise Unauthorized
