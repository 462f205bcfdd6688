"""The session cookie as version 1 signs and reads it. Frozen: see README.md beside it."""

import hashlib

from itsdangerous import URLSafeTimedSerializer

NAME = "__Host-session"
# The longest life of a session, past which it does not look at a cookie.
MAX_AGE = 90 * 86400


def sign(secret_key: str, token: str) -> str:
    """Write the cookie's value for ``token``: account, session and secret with dots between them."""
    return str(_serializer(secret_key).dumps(token))


def read(secret_key: str, value: str) -> str:
    """Give the token in a cookie's value; raises BadSignature."""
    return str(_serializer(secret_key).loads(value, max_age=MAX_AGE))


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key,
        "quart auth salt",
        signer_kwargs={"key_derivation": "django-concat", "digest_method": hashlib.sha512},
    )
