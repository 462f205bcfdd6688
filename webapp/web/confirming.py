"""That it is still the person who signed in: the password once more, before something that cannot be undone."""

import logging
from http import HTTPStatus

from quart_auth import Unauthorized

from webapp.errors import StoreUnavailable, WrongCredentials
from webapp.sessions.model import Resumed

from . import identity
from .client import client_address, client_device, client_network
from .context import services
from .forms.confirming import ConfirmingForm
from .guards import confirmed_until

log = logging.getLogger(__name__)

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


async def prove(here: Resumed, password: str) -> None:
    """Raise WrongCredentials unless the password is right; also TooManyTries, Busy and StoreUnavailable."""
    await services().accounts.confirm_password(
        here.account.id,
        password,
        network=client_network(),
        session_id=here.session.id,
        device=client_device().label,
    )


async def confirm(password: str) -> None:
    """Note that the password was confirmed now.

    Raises WrongCredentials, TooManyTries, StoreUnavailable, and Unauthorized when the session was ended meanwhile.
    """
    here = identity.signed_in()
    await prove(here, password)
    if not await services().sessions.confirm(here.account.id, here.session.id):
        # From another device, while the password was being checked.
        raise Unauthorized
    await _offer_secret(here)


async def _offer_secret(here: Resumed) -> None:
    """Hand this browser another secret for its session, since the password was just given in it (ASVS 7.2.4).

    The one of before is good until this one comes back, so nothing is lost where it is not done, or its answer is not
    received.
    """
    viewer = identity.viewer()
    if viewer.carries != viewer.auth_id:
        # This answer brings another one anyhow.
        return
    try:
        token = await services().sessions.offer(viewer.auth_id or "", address=client_address())
    except StoreUnavailable as failure:
        log.info("%s; a session's secret is renewed later.", failure)
        return
    if token is not None:
        viewer.keep(token, here.session, here.now)
