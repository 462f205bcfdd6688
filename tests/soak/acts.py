"""What people do that changes something, and what each answer to it claims."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

from soak.browser import LIST, Browser, Meaning, Reply
from soak.ledger import Session
from soak.people import Crowd, Device, Person
from soak.record import Promise

Act = Callable[[Crowd, Person], Awaitable[None]]
# Each act with how often it is done.
Acts = Sequence[tuple[Act, int]]

# More devices than a person has a use for only make lists longer.
MOST_DEVICES = 4


async def register(crowd: Crowd, person: Person) -> None:
    """Let somebody else open an account, who sits beside this person."""
    newcomer = Person.new(crowd.ledger, person.wire)
    crowd.newcomers.append(newcomer)
    await open_account(crowd, newcomer)


async def open_account(crowd: Crowd, person: Person) -> None:
    """Open an account, which signs in."""
    browser = Browser(crowd.ledger, person.wire)
    fields = {"email": person.account.email, "name": "Ada Lovelace", "password": person.password}
    async with crowd.hashing:
        person.strangers = True
        reply = await browser.press("/register", fields, rudeness=crowd.rudeness)
    if reply.meaning is Meaning.DONE:
        person.account.let_in()
        person.given(browser, where=reply.what)
        person.strangers = False
    elif reply.meaning is Meaning.REFUSED:
        crowd.ledger.record.broke(Promise.REST, f"{reply.what} refused somebody new", [reply.answer.text])


async def sign_in_elsewhere(crowd: Crowd, person: Person) -> None:
    """Sign in on a device more, or give one up where there are enough."""
    if len(person.living) < MOST_DEVICES:
        await sign_in(crowd, person, Browser(crowd.ledger, person.wire))
    else:
        await sign_out(crowd, person)


async def sign_in_again(crowd: Crowd, person: Person) -> None:
    """Sign in where one is signed in already: the new session takes the place of the old one."""
    await sign_in(crowd, person, crowd.chance.choice(person.living).browser)


async def sign_in(crowd: Crowd, person: Person, browser: Browser) -> None:
    """Sign in with ``browser``."""
    replaced = [browser.session] if browser.session is not None else []
    remember = crowd.chance.choice([{}, {"remember": "y"}])
    fields = {"email": person.account.email, "password": person.password, **remember}
    lost_before, person.strangers = person.strangers, True
    async with crowd.hashing:
        _put_at_stake(replaced)
        reply = await browser.press("/login", fields, rudeness=crowd.rudeness)
    if reply.meaning is Meaning.DONE:
        person.account.let_in()
        person.given(browser, where=reply.what)
    elif reply.meaning is Meaning.REFUSED:
        person.account.turned_away(reply.what)
    person.strangers = lost_before or reply.meaning is Meaning.UNKNOWN
    _settle(replaced, reply)


async def sign_out(crowd: Crowd, person: Person) -> None:
    """Sign out on any device but the one at home."""
    for device in _one_of(crowd, person.living[1:]):
        _put_at_stake([device.session])
        reply = await device.browser.press("/logout", {}, rudeness=crowd.rudeness)
        # Signing out leads to the sign-in page, as a visitor is led there.
        _settle([device.session], reply, done=(Meaning.DONE, Meaning.VISITOR))


async def end(crowd: Crowd, person: Person) -> None:
    """End another device from home."""
    for device in _one_of(crowd, person.living[1:]):
        _put_at_stake([device.session])
        path = f"{LIST}/{device.session.id}/end"
        reply = await person.living[0].browser.press(path, {}, rudeness=crowd.rudeness)
        if reply.meaning is Meaning.NOT_THERE:
            device.session.not_there(reply.answer.began, reply.what)
        else:
            _settle([device.session], reply)
        await _confirm_if_asked(crowd, person, reply)


async def end_others(crowd: Crowd, person: Person) -> None:
    """End all devices but the one at home."""
    home, *others = person.living
    sessions = [device.session for device in others]
    _put_at_stake(sessions)
    reply = await home.browser.press(f"{LIST}/end-others", {}, rudeness=crowd.rudeness)
    _settle(sessions, reply)
    await _confirm_if_asked(crowd, person, reply)


async def rename(crowd: Crowd, person: Person) -> None:
    """Name any device from home."""
    device, name = crowd.chance.choice(person.living), f"Device {secrets.token_hex(4)}"
    path = f"{LIST}/{device.session.id}/name"
    device.name.trying(name)
    reply = await person.living[0].browser.press(path, {"name": name}, rudeness=crowd.rudeness)
    match reply.meaning:
        case Meaning.DONE:
            device.name.written(name)
        case Meaning.UNKNOWN:
            device.name.doubted(name)
        case _:
            device.name.refused(name)
    if reply.meaning is Meaning.NOT_THERE:
        device.session.seen_out(reply.answer.began, reply.what)


async def confirm(crowd: Crowd, person: Person) -> None:
    """Give the password again at home."""
    home = person.living[0]
    async with crowd.hashing:
        asked = int(time.time())
        reply = await home.browser.press(
            "/confirm", {"password": person.password, "next": LIST}, rudeness=crowd.rudeness
        )
    if reply.meaning is Meaning.DONE:
        home.confirmation.done(asked)
    elif reply.meaning is Meaning.REFUSED:
        person.account.turned_away(reply.what)


# Those that hash a password are costly, on both sides.
USUAL: Acts = (
    (rename, 8),
    (end, 3),
    (sign_out, 2),
    (end_others, 1),
    (sign_in_elsewhere, 4),
    (sign_in_again, 1),
    (confirm, 1),
    (register, 1),
)
# Every kind of write as often as any other; to end something takes something to end.
EVEN: Acts = (*((each, 1) for each, _ in USUAL), (sign_in_elsewhere, 1))
# What asks the database.
OF_THE_DATABASE: Acts = ((sign_in_elsewhere, 3), (rename, 3), (register, 2), (sign_in_again, 1), (confirm, 1))


async def act(crowd: Crowd, person: Person, acts: Acts) -> None:
    """Do something; whoever is nowhere signed in any more begins with that."""
    if not person.living:
        await sign_in_elsewhere(crowd, person)
    else:
        ((chosen, _),) = crowd.chance.choices(acts, [weight for _, weight in acts])
        await chosen(crowd, person)


async def _confirm_if_asked(crowd: Crowd, person: Person, reply: Reply) -> None:
    if reply.meaning is Meaning.CONFIRM_FIRST and person.living:
        await confirm(crowd, person)


def _one_of(crowd: Crowd, devices: Sequence[Device]) -> list[Device]:
    return [crowd.chance.choice(devices)] if devices else []


def _put_at_stake(sessions: Sequence[Session]) -> None:
    for session in sessions:
        session.at_stake()


def _settle(sessions: Sequence[Session], reply: Reply, *, done: Sequence[Meaning] = (Meaning.DONE,)) -> None:
    for session in sessions:
        if reply.meaning in done:
            session.ended(reply.what)
        elif reply.meaning is Meaning.UNKNOWN:
            session.doubted(reply.what)
        else:
            session.spared()
