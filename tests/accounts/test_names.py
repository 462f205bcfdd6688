import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.accounts import names

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "name", ["Ada", "李小龙", "עדה לאבלייס", "👩‍💻", "<b>Ada</b>", "Ada O'Neill-Byron, 3rd", "a" * 100]
)
def test_name_of_any_kind_is_kept_as_typed(name: str) -> None:
    assert names.check(f" {name} ") == name


def test_decomposed_name_is_composed() -> None:
    assert names.check("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "\u200d",
        "a" * 101,
        "Ada\nLovelace",
        "Ada\0",
        "Ada\ud800",
        "Ada\u202eadA",
        "Ada\u2028Byron",
        "a\u0301" * 60_000,
    ],
)
def test_name_that_would_break_a_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        names.check(name)


@given(ANY_TEXT)
def test_any_text_is_a_name_or_a_value_error(text: str) -> None:
    try:
        name = names.check(text)
    except ValueError:
        return
    assert names.check(name) == name
    assert name.encode()
    assert not {"\0", "\n", "\r"} & set(name)
