"""What comes by mail: a person waits for it, and uses its link."""

from email.message import EmailMessage

from journeys.people import PROFILE, Person, send
from smtp_server import SmtpServer, link_in

CONFIRM_EMAIL, CONFIRM_NEW_EMAIL = "Confirm your email address", "Confirm your new email address"
EMAIL_CHANGED, EMAIL_BACK = "Your email address was changed", "Your email address is back"
CHOOSE, PASSWORD_CHANGED = "Choose a new password", "Your password was changed"
TO_BE_ERASED = "Your account will be erased"
NEW_SIGN_IN, TWO_PLACES = "Somebody signed in on a new browser", "We signed out one of your devices"
MANY_TRIES, TRIES_LIMIT = "Many wrong passwords were tried", "New browsers are kept out for now"


async def letter(mails: SmtpServer, address: str, subject: str, number: int = 1) -> EmailMessage:
    """Wait until somebody has got so many mails with this subject, and give the last of them."""
    come: list[EmailMessage] = []
    while len(found := [each for each in come if each["Subject"] == subject]) < number:
        come = await mails.arrived(address, len(come) + 1)
    return found[-1]


async def link(mails: SmtpServer, address: str, subject: str, number: int = 1) -> str:
    """Wait for such a mail, and give the link in it."""
    return link_in(await letter(mails, address, subject, number))


def subjects(mails: SmtpServer, address: str) -> list[str]:
    """Say what an address has got so far."""
    return [each["Subject"] for each in mails.messages if each["To"] == address]


async def proves_email(mails: SmtpServer, person: Person) -> None:
    """Use the link that came after the registration, without showing its page."""
    await send(person.page.context, await link(mails, person.email, CONFIRM_EMAIL))


async def asks_for_password(mails: SmtpServer, person: Person) -> str:
    """Give a link to a new password, as it comes to somebody who has forgotten the old one."""
    await send(person.page.context, "/forgot", email=person.email)
    return await link(mails, person.email, CHOOSE)


async def moves(mails: SmtpServer, person: Person, new: str) -> str:
    """Change somebody's email, and give the link that undoes it; the old one has to be proven."""
    old, person.email = person.email, new
    await send(person.page.context, "/settings/email", page=PROFILE, email=new)
    await send(person.page.context, await link(mails, new, CONFIRM_NEW_EMAIL))
    return await link(mails, old, EMAIL_CHANGED)
