"""A wait that counts down before one's eyes; without JavaScript it is told in words, once."""

from markupsafe import Markup, escape

from webapp import words

# A timer is a live region that is silent by itself: nobody wants to hear each second.
TIMER = Markup('<span role="timer" data-countdown="{seconds}">{words}</span>')


def wait_in_words(seconds: int) -> str:
    """Say when to come back: ``in 15 minutes``; what counts down says ``now`` at last."""
    return f"in {words.wait(seconds)}"


def counting_down(text: str, seconds: int) -> Markup:
    """Let the words of the wait count down, where ``text`` has them."""
    said = wait_in_words(seconds)
    before, found, after = text.partition(said)
    if not seconds or not found:
        return escape(text)
    return escape(before) + TIMER.format(seconds=seconds, words=said) + escape(after)
