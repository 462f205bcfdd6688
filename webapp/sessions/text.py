"""Text from outside, made to fit a field of a record."""


def fit(text: str, most: int) -> str:
    """Cut ``text`` to at most ``most`` bytes of UTF-8, never through a character; what is not printable goes."""
    if text.isascii() and text.isprintable():
        # Nearly everything, addresses above all (3 us a page).
        return text[:most]
    # Half a surrogate pair is a character to Python and an error to every encoder; it becomes a question mark.
    clean = text[:most].encode(errors="replace").decode()
    printable = "".join(character for character in clean if character.isprintable())
    return printable.encode()[:most].decode(errors="ignore")
