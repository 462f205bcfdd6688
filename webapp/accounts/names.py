"""What a name is: whatever a person calls themselves, on one line.

There is no rule about letters (names have emoji, apostrophes and right-to-left script). Only what would break the
page or the line around the name is refused.
"""

from unicodedata import category, normalize

LONGEST_NAME = 100
# Categories of the Unicode Standard: control characters, lone surrogates, line and paragraph separators.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Embeddings, overrides and isolates reorder the words around a name: U+202E makes the rest of the line run backwards.
REORDERING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# The first letter of the categories that leave ink on the page: letters, numbers, punctuation and symbols.
VISIBLE = "LNPS"


def check(name: str) -> str:
    """Give ``name`` in Unicode's composed form (NFC), without spaces around it.

    Raises ValueError with words for the person when it is empty, invisible, too long, or more than a line of text.
    """
    text = name.strip()
    # Before normalising, whose time can grow with the square of the length.
    if len(text) > LONGEST_NAME:
        raise ValueError(f"Use at most {LONGEST_NAME} characters.")
    if any(category(char) in REFUSED_CATEGORIES or char in REORDERING for char in text):
        raise ValueError("Use one line of plain text, without control characters.")
    if not any(category(char)[0] in VISIBLE for char in text):
        raise ValueError("Enter a name.")
    return normalize("NFC", text)
