"""Tokens of links: worth a password, so nobody who reads the database has one."""

from webapp.accounts.links import LIFETIMES, PURPOSES, LinkMaker, is_token, token_hash

OLD, NEW = "the key of last year, 32 characters", "the key of this year, 32 characters"


def test_token_comes_of_its_seed_with_the_key_and_with_no_other() -> None:
    new = LinkMaker([NEW]).make("reset", "a" * 22, "ada@example.com")
    token = LinkMaker([NEW]).token_of(new.seed, new.link.token_hash)
    assert token is not None
    assert is_token(token)
    assert token_hash(token) == new.link.token_hash
    assert LinkMaker([OLD]).token_of(new.seed, new.link.token_hash) is None


def test_mail_that_waited_while_the_key_was_replaced_still_brings_its_link() -> None:
    new = LinkMaker([OLD]).make("reset", "a" * 22, "ada@example.com")
    assert LinkMaker([NEW, OLD]).token_of(new.seed, new.link.token_hash) is not None


def test_tokens_have_256_bits_and_are_all_different() -> None:
    maker = LinkMaker([NEW])
    links = [maker.make("confirm", "a" * 22, "ada@example.com") for _ in range(100)]
    tokens = {maker.token_of(new.seed, new.link.token_hash) for new in links}
    assert len(tokens) == 100
    assert {len(token or "") for token in tokens} == {43}


def test_neither_hash_nor_seed_is_shown_where_a_link_is_printed() -> None:
    new = LinkMaker([NEW]).make("reset", "a" * 22, "ada@example.com")
    assert new.seed not in repr(new)


def test_links_live_as_long_as_their_purpose_says() -> None:
    for purpose in PURPOSES:
        link = LinkMaker([NEW]).make(purpose, "a" * 22, "Ada@Example.com").link
        assert link.expires - link.created == LIFETIMES[purpose]
        assert link.email_key == "ada@example.com"
    assert LIFETIMES["reset"].total_seconds() == 30 * 60
