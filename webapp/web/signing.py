"""Signed cookies as itsdangerous has them, with what stays the same from one page to the next worked out once.

By themselves Quart and quart-auth make a serializer, a signer and a key derived from SECRET_KEY anew for each cookie
that they read, of which every page has two: 17 us each, and 4 here.
"""

import hmac
import json
import time
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Any

from itsdangerous import Signer, TimestampSigner, URLSafeTimedSerializer

# The two characters of Base64 that mean something in an address, and those that stand for them.
TO_URL, FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
# What is longer than 70 bytes and gets shorter by it may be compressed, which this shows.
COMPRESSED = b"."
# A browser shows the same cookies on page after page, and what we have signed stays signed by us: the signatures of the
# latest are not worked out again (4 us each). So many take 1 MB, and no process has more browsers at the same time.
# Whether a session lives is another question, which Redis is asked each time.
COOKIES = 2048
# In Flask's JSON, which Quart's session is written in, the name of a type that JSON does not have begins with a space.
TAGGED = b'" '
JSON = json.JSONDecoder()


class KeptSerializer(URLSafeTimedSerializer):
    """A serializer that is made once and reads many cookies; takes what itsdangerous' own takes."""

    def __init__(self, *arguments: Any, signer_kwargs: dict[str, Any], **options: Any) -> None:
        super().__init__(*arguments, **options, signer=_KeptSigner, signer_kwargs=signer_kwargs)
        self._signer = _KeptSigner(self.secret_keys, self.salt, **self.signer_kwargs)

    def loads(  # type: ignore[override]  # itsdangerous has as many types of it as ways to call it.
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,  # noqa: FBT001, FBT002  # itsdangerous' own arguments.
        salt: str | bytes | None = None,
    ) -> Any:  # noqa: ANN401  # Whatever was written.
        """Return what was written, if we have signed it, and not more than ``max_age`` seconds ago.

        Raises BadSignature, and SignatureExpired, which is one.
        """
        if max_age is not None and not return_timestamp and salt is None and isinstance(s, str):
            payload = self._signer.payload_of(s, max_age)
            if payload is not None:
                return self._read(payload)
        # It says what is wrong.
        return super().loads(s, max_age, return_timestamp, salt)

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """Give the one signer that there is: it keeps nothing of what it signs."""
        return self._signer if salt in {None, self.salt} else super().make_signer(salt)

    def _read(self, payload: bytes) -> Any:  # noqa: ANN401  # The same.
        # It was signed by us, so that it is what one of these has written.
        if not payload.startswith(COMPRESSED) and TAGGED not in (text := _decoded(payload)):
            # As json.loads() does, which looks for spaces around it as well.
            return JSON.raw_decode(text.decode())[0]
        return self.load_payload(payload)


class _KeptSigner(TimestampSigner):
    """Derives each key once, and reads what is in order at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The one that signs first: hardly any cookie is older.
        self._derived = [super(_KeptSigner, self).derive_key(key) for key in reversed(self.secret_keys)]
        # What a key does to a signature comes first and is the same each time: a copy begins after it.
        self._begun = [hmac.new(key, digestmod=self.digest_method) for key in self._derived]
        self._signed_once = lru_cache(COOKIES)(self._signed)

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return self._derived[0] if secret_key is None else super().derive_key(secret_key)

    def payload_of(self, text: str, max_age: int) -> bytes | None:
        """Return what was signed; None where anything is not as it has to be."""
        try:
            payload, moment = self._signed_once(text)
        except ValueError:
            return None
        return payload if 0 <= int(time.time()) - moment <= max_age else None

    def _signed(self, text: str) -> tuple[bytes, int]:
        """Return what was signed, and when; raises ValueError where we have not signed it, which is not remembered."""
        value, _, signature = text.encode("ascii").rpartition(b".")
        payload, point, moment = value.rpartition(b".")
        for begun in self._begun:
            ours = begun.copy()
            ours.update(value)
            if point and hmac.compare_digest(_encoded(ours.digest()), signature):
                return payload, int.from_bytes(_decoded(moment), "big")
        raise ValueError("This cookie is not signed by us.")


def _decoded(text: bytes) -> bytes:
    # Without base64's own functions, which take 1 us for as little; more padding than there is room for is passed over.
    return a2b_base64(text.translate(FROM_URL) + b"==")


def _encoded(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(TO_URL).rstrip(b"=")
