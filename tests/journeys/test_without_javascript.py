"""The same without JavaScript: every page and every button works as plain HTML."""

import pytest
from journeys.browsers import Browsers
from journeys.people import DASHBOARD, DEVICES, IPHONE, WINDOWS, Person, is_out, newcomer, signed_in_elsewhere
from pages import PASSWORD
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_one_browser_puts_the_other_out_at_once(browsers: Browsers) -> None:
    ada = Person(await browsers.open(java_script_enabled=False, user_agent=WINDOWS))
    await ada.register()
    phone = Person(await browsers.open(java_script_enabled=False, user_agent=IPHONE), ada.email)
    await phone.open(DEVICES)
    await phone.stands_on(f"/login?next={DEVICES}")
    await phone.sign_in(remember=True)
    await phone.stands_on(DEVICES)
    await ada.open(DEVICES)
    await ada.sees_devices(2)
    await ada.press("Sign out of Safari on iPhone")
    await ada.stands_on(DEVICES)
    await ada.is_told("Signed out: Safari on iPhone.")
    await ada.sees_devices(1)
    await phone.follow("Dashboard")
    await phone.stands_on(f"/login?next={DASHBOARD}")
    await phone.sign_in()
    await phone.stands_on(DASHBOARD)


async def test_every_button_of_the_device_page_works(browsers: Browsers) -> None:
    ada = await newcomer(browsers, java_script_enabled=False, user_agent=WINDOWS)
    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DEVICES)
    await renames(ada, "Safari on iPhone", "Ada's phone")
    await ada.is_told("The device is now called Ada's phone.")
    # The field stops at 64 characters; these have four bytes each.
    await renames(ada, "Safari on iPhone", "🌻" * 30)
    await ada.sees("This name is too long")
    await expect(ada.page.locator("[aria-invalid]")).to_have_value("🌻" * 30)

    await ada.press("Sign out of all others")
    await ada.is_told("Signed out: 1 other device.")
    await ada.sees_devices(1)
    assert await is_out(phone)

    phone = await signed_in_elsewhere(browsers, ada, user_agent=IPHONE)
    await ada.open(DASHBOARD)
    await ada.press("Sign out everywhere", within="footer")
    await ada.stands_on("/login")
    await ada.is_told("You are signed out everywhere.")
    assert await is_out(phone)
    assert await is_out(ada.page.context)


async def renames(person: Person, device: str, name: str) -> None:
    row = person.page.locator("li.session", has_text=device)
    await row.locator("summary").click()
    await row.get_by_label("A name of your own").fill(name)
    await row.get_by_role("button", name="Save").click()


async def test_wrong_password_is_refused_in_one_sentence_that_the_field_names(browsers: Browsers) -> None:
    ada = await newcomer(browsers, java_script_enabled=False)
    await ada.open(DASHBOARD)
    await ada.press("Sign out", within="header")
    await ada.is_told("You are signed out.")
    await ada.open("/login?next=/settings/sessions")
    await ada.sign_in(password="not this one")
    await ada.sees("The email or the password is not right.")
    field = ada.page.get_by_label("Password", exact=True)
    await expect(field).to_have_accessible_description("The email or the password is not right.")
    await expect(field).to_have_value("")
    await expect(field).to_be_focused()
    await expect(ada.page.get_by_label("Email")).to_have_value(ada.email)
    await ada.fill(Password=PASSWORD)
    await ada.press("Sign in", within="main")
    await ada.stands_on(DEVICES)


async def test_unacceptable_input_comes_back_with_a_message_at_each_field(browsers: Browsers) -> None:
    visitor = Person(await browsers.open(java_script_enabled=False))
    await visitor.open("/register")
    await visitor.fill(Name="Ada", Email="no email", Password="12345678")
    await visitor.press("Create account")
    email = visitor.page.get_by_label("Email", exact=True)
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(email).to_have_value("no email")
    await expect(email).to_be_focused()
    await expect(visitor.page.get_by_label("Password", exact=True)).to_have_value("")
    await visitor.fill(Email=visitor.email, Password="12345678")
    await visitor.press("Create account")
    password = visitor.page.get_by_label("Password", exact=True)
    await expect(password).to_have_attribute("aria-invalid", "true")
    await expect(visitor.page.locator("#password-error")).not_to_be_empty()
