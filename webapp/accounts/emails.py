"""What an email address is, and when two of them are one.

People type ``Ana@Example.com`` today and ``ana@example.com`` tomorrow and mean the same account. So an address has two
forms: as it was typed, which is shown and written to, and its *key*, by which alone addresses are compared.

The key joins lookalikes too (the long s, U+017F, and ``s``). That is safe as long as mail goes to the address that is
stored, and never to the one that somebody typed into a form: else a lookalike could fetch another person's mail.
"""

from unicodedata import normalize

import email_validator
from email_validator import ValidatedEmail, validate_email

# RFC 5321, 4.5.3.1.3, as its erratum 1690 counts: octets, so no longer text can be an address. Checked before anything
# else, because normalising a long text full of combining marks takes time that grows with the square of its length.
LONGEST_EMAIL = 254

# Names that no public mail server has, such as ``.test`` and ``.local``. Intranets use them, and tests do. This list
# is the library's documented switch for it.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def check(email: str) -> str:
    """Give ``email`` as it was typed, without spaces around it; raises ValueError with words for the person."""
    _read(email)
    return email.strip()


def normalise(email: str) -> str:
    """Give the key by which ``email`` is compared; raises ValueError with words for the person."""
    address = _read(email)
    return f"{_caseless(address.local_part)}@{address.ascii_domain.lower()}"


def _read(email: str) -> ValidatedEmail:
    text = email.strip()
    if not text:
        raise ValueError("Enter an email address.")
    if len(text) > LONGEST_EMAIL:
        raise ValueError(f"An email address has at most {LONGEST_EMAIL} characters.")
    # Composed first, so that every spelling of one address is measured alike.
    text = normalize("NFC", text)
    address = validate_email(text, check_deliverability=False, globally_deliverable=False, strict=True)
    if "." not in address.ascii_domain:
        raise ValueError("The part after the @-sign needs a period, as in example.com.")
    return address


def _caseless(text: str) -> str:
    # The Unicode Standard's compatibility caseless match (3.13, D146): one folding alone can bring forth characters
    # that fold further.
    once = normalize("NFKD", normalize("NFD", text).casefold())
    return normalize("NFKC", once.casefold())
