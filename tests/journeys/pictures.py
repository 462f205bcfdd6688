"""Takes the pictures of docs/screenshots."""

from typing import Literal

from playwright.async_api import Page
from structure.files import ROOT

FOLDER = ROOT / "docs" / "screenshots"
HEIGHT = 800
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[int, Scheme]] = {"wide": (1280, "light"), "narrow": (360, "light"), "dark": (1280, "dark")}


async def take(page: Page, name: str, *looks: str, whole: bool = True) -> None:
    """Take a page as it is now, in these looks or in all; ``whole`` with what lies below the window."""
    await page.mouse.move(0, 0)
    for look in looks or LOOKS:
        width, scheme = LOOKS[look]
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=whole, caret="hide")
