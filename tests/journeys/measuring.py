"""What an eye and a hand would notice of a page, measured in the browser."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

# All that a person can go to with the Tab key, and see.
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
    .filter(each => !each.disabled && each.type !== "hidden" && each.checkVisibility({visibilityProperty: true}))
    .map((each, number) => each.dataset.number = String(number))"""

FOCUSED = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const box = at.getBoundingClientRect();
    const seen = box.width > 1 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    return {number: at.dataset.number ?? null, words: at.outerHTML.slice(0, 90), visible: ring && seen};
}"""

# Every piece of text with the colours that it has in the end: those behind it laid over each other.
TEXTS = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const over = ([r, g, b, a = 1], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const ground = element => {
        if (!element) return [255, 255, 255];
        return over(parts(getComputedStyle(element).backgroundColor), ground(element.parentElement));
    };
    const light = colour => colour.map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility({visibilityProperty: true})) continue;
        const style = getComputedStyle(element), below = ground(element);
        const both = [light(over(parts(style.color), below)), light(below)].sort((a, b) => b - a);
        const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
        found.push({text, contrast: (both[0] + 0.05) / (both[1] + 0.05), large});
    }
    return found;
}"""

# WCAG 2.2, 1.4.3.
LEAST_CONTRAST, LEAST_CONTRAST_LARGE = 4.5, 3.0
# WCAG 2.2, 2.5.8, in CSS pixels; links within a sentence are exempt.
LEAST_TARGET = 24
SMALL_TARGETS = """least => [...document.querySelectorAll("button, summary, input, .button, nav a")]
    .filter(each => each.type !== "hidden" && each.checkVisibility({visibilityProperty: true}))
    .map(each => [each, (each.labels?.[0] && each.type === "checkbox" ? each.labels[0] : each).getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.width < least || box.height < least))
    .map(([each, box]) => `${each.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the Tab key has led to: which of the elements that can be reached, and whether one sees it."""

    number: str | None
    words: str
    visible: bool


async def tab_stops(page: Page) -> tuple[set[str], list[Stop]]:
    """Press Tab until the page is left; give the numbers of what should be reached, and where it stopped."""
    reachable = set(await page.evaluate(REACHABLE))
    # A field that took the focus by itself is not where the page begins.
    await page.evaluate("document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')")
    stops: list[Stop] = []
    while True:
        await page.keyboard.press("Tab")
        stop = Stop(**await page.evaluate(FOCUSED))
        if stop.number is None or stop in stops:
            return reachable, stops
        stops.append(stop)


async def faint_texts(page: Page) -> list[dict[str, Any]]:
    """Return the texts that stand out too little from what is behind them."""
    texts: list[dict[str, Any]] = await page.evaluate(TEXTS)
    assert texts
    return [each for each in texts if each["contrast"] < (LEAST_CONTRAST_LARGE if each["large"] else LEAST_CONTRAST)]


async def small_targets(page: Page) -> list[str]:
    """Return what one presses that is too small to be hit."""
    found: list[str] = await page.evaluate(SMALL_TARGETS, LEAST_TARGET)
    return found


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found: int = await page.evaluate(width)
    return found
