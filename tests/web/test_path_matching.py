"""A matcher that remembers finds what Werkzeug's finds, and leaves nothing to collect."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as some
from quart.routing import QuartMap
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from webapp.web.path_matching import PathMap

RULES = {
    "/": ["GET"],
    "/settings": ["GET"],
    "/settings/": ["POST"],
    "/settings/sessions": ["GET", "POST"],
    "/settings/sessions/<id>": ["POST"],
    "/settings/<path:rest>": ["GET"],
    "/login": ["GET", "POST"],
    "/any": None,
}
PARTS = some.sampled_from(["settings", "sessions", "login", "any", "abc", "", "ü", "."])
ASKED = some.tuples(some.lists(PARTS, max_size=4).map("/".join), some.sampled_from(["GET", "POST", "HEAD", "PURGE"]))


def rules() -> list[Rule]:
    return [Rule(path, endpoint=path, methods=methods) for path, methods in RULES.items()]


def filled(paths: Map) -> Map:
    for rule in rules():
        paths.add(rule)
    return paths


def found(paths: Map, path: str, method: str) -> object:
    """Tell what is found, or what is raised instead."""
    try:
        return paths.bind("localhost").match(f"/{path}", method)
    except RequestRedirect as redirect:
        return redirect.new_url
    except MethodNotAllowed as refused:
        return sorted(refused.valid_methods or [])
    except HTTPException as other:
        return type(other)


@given(asked=some.lists(ASKED, max_size=12))
def test_it_finds_what_the_original_finds_however_often_it_is_asked(asked: list[tuple[str, str]]):
    ours, theirs = filled(PathMap()), filled(QuartMap())
    for path, method in asked * 2:
        assert found(ours, path, method) == found(theirs, path, method)


def test_rules_it_was_made_with_are_found():
    assert found(PathMap(rules()), "login", "GET") == found(QuartMap(rules()), "login", "GET") == ("/login", {})


def test_it_remembers_no_more_than_was_written():
    paths = filled(PathMap())
    for number in range(1000):
        found(paths, f"settings/sessions/{number}", "POST")
        found(paths, f"settings/{number}", "GET")
        found(paths, "any", f"METHOD{number}")
        found(paths, f"nothing/{number}", "GET")
    for path in RULES:
        found(paths, path.strip("/"), "GET")
    assert len(vars(paths._matcher)["_found"]) <= 2 * len(RULES)


def test_arguments_given_to_one_request_are_not_those_of_the_next():
    paths = filled(PathMap()).bind("localhost")
    for _ in range(2):
        _, arguments = paths.match("/login", "GET")
        assert arguments == {}
        arguments["mine"] = 1  # type: ignore[index]  # Whoever gets them may do so.


def test_rule_that_is_added_later_is_found():
    paths = PathMap()
    paths.add(Rule("/<word>", endpoint="any word", methods=["GET"]))
    assert found(paths, "login", "GET") == ("any word", {"word": "login"})
    paths.add(Rule("/login", endpoint="login", methods=["GET"]))
    assert found(paths, "login", "GET") == ("login", {})
    with pytest.raises(NotFound):
        paths.bind("localhost").match("/a/b", "GET")


def test_nothing_is_left_for_the_collector():
    paths = filled(PathMap())
    found(paths, "login", "GET")
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            found(paths, "login", "GET")
        assert gc.collect() == 0
    finally:
        gc.enable()
