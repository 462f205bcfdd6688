"""The serializer that is kept writes and reads what Quart and quart-auth write and read."""

import hashlib
from typing import Any

import pytest
from flask.json.tag import TaggedJSONSerializer
from hypothesis import given
from hypothesis import strategies as some
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from webapp.web.signing import KeptSerializer

OLD, NEW, OTHER = "old" * 12, "new" * 12, "other" * 12
# quart-auth's, and Quart's.
KINDS: list[dict[str, Any]] = [
    {"digest_method": hashlib.sha512},
    {"digest_method": hashlib.sha1, "key_derivation": "hmac"},
]
AN_HOUR = 3600
HELD = [{"id": "abc", "notices": [["info", "Zoë"]]}, "a.token-of_a.session", {"long": "x" * 500}, ['" ', "\\"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", HELD)
def test_each_reads_what_the_other_has_written(kind: dict[str, Any], held: object):
    ours = KeptSerializer([OLD, NEW], "salt", signer_kwargs=kind)
    theirs = URLSafeTimedSerializer([OLD, NEW], "salt", signer_kwargs=kind)
    assert ours.loads(theirs.dumps(held)) == theirs.loads(ours.dumps(held)) == held
    assert ours.loads(URLSafeTimedSerializer(OLD, "salt", signer_kwargs=kind).dumps(held)) == held
    assert URLSafeTimedSerializer(NEW, "salt", signer_kwargs=kind).loads(ours.dumps(held)) == held


@pytest.mark.parametrize("kind", KINDS)
def test_forged_cut_and_old_ones_are_refused(kind: dict[str, Any]):
    ours = KeptSerializer([OLD, NEW], "salt", signer_kwargs=kind)
    written = ours.dumps("held")
    forged = [
        KeptSerializer([OTHER], "salt", signer_kwargs=kind).dumps("held"),
        KeptSerializer([NEW], "other salt", signer_kwargs=kind).dumps("held"),
        written[:-1],
        "A" + written,
        written.rpartition(".")[0],
        "",
    ]
    for text in forged:
        for _ in range(2):
            with pytest.raises(BadSignature):
                ours.loads(text, max_age=AN_HOUR)
    # Though it was good a moment ago.
    assert ours.loads(written, max_age=AN_HOUR) == "held"
    with pytest.raises(SignatureExpired):
        ours.loads(written, max_age=-1)


def test_another_salt_is_another_signature():
    ours = KeptSerializer([NEW], "salt", signer_kwargs=KINDS[0])
    written = str(ours.dumps("held", salt="another"))
    assert ours.loads(written, salt="another") == "held"
    with pytest.raises(BadSignature):
        ours.loads(written)


WRITTEN = str(URLSafeTimedSerializer(NEW, "salt", signer_kwargs=KINDS[0]).dumps(HELD[0]))
PLACES = some.integers(0, len(WRITTEN))


def read(serializer: URLSafeTimedSerializer, text: str) -> object:
    """Give what is read, or the kind of error that it ends with."""
    try:
        return serializer.loads(text, max_age=AN_HOUR)
    except BadSignature as error:
        return type(error)


@given(PLACES, PLACES, some.text(".Az09-_=! \xe9", max_size=4))
def test_what_is_bent_is_read_or_refused_alike(first: int, last: int, between: str):
    bent = WRITTEN[:first] + between + WRITTEN[last:]
    ours = KeptSerializer([OLD, NEW], "salt", signer_kwargs=KINDS[0])
    assert read(ours, bent) == read(URLSafeTimedSerializer([OLD, NEW], "salt", signer_kwargs=KINDS[0]), bent)


def test_what_json_has_no_type_for_is_read_as_quart_writes_it():
    kept = KeptSerializer([NEW], "salt", serializer=TaggedJSONSerializer(), signer_kwargs=KINDS[1])
    held = {"pair": ("a", "b"), "bytes": b"c", " name": 1}
    assert kept.loads(kept.dumps(held), max_age=AN_HOUR) == held
