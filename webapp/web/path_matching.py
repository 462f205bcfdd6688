"""Which handler a path leads to: what has no arguments in it is looked for once."""

from collections.abc import MutableMapping
from typing import Any

from quart.routing import QuartMap
from werkzeug.routing import Rule
from werkzeug.routing.matcher import StateMachineMatcher


class PathMap(QuartMap):
    """Quart's map of paths, with a matcher that remembers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        matcher = _KeptMatcher(self.merge_slashes)
        for rule in self.iter_rules():
            matcher.add(rule)
        self._matcher = matcher
        # It has yet to put them in their order.
        self._remap = True


class _KeptMatcher(StateMachineMatcher):
    """Remembers the rules of paths that have no arguments, of which there are as many as we have written.

    Werkzeug's own walks through its states anew for each request (9 us), and leaves a circle of eight objects behind,
    for which the collector stops everybody once in a thousand pages (4 us each, and 10 where many are under way).
    """

    def __init__(self, merge_slashes: bool) -> None:  # noqa: FBT001  # Werkzeug's own argument.
        super().__init__(merge_slashes)
        self._found: dict[tuple[str, str, str, bool], Rule] = {}

    def add(self, rule: Rule) -> None:
        """Add a rule, which may come before one that was found."""
        self._found.clear()
        super().add(rule)

    def match(self, domain: str, path: str, method: str, websocket: bool) -> tuple[Rule, MutableMapping[str, Any]]:  # noqa: FBT001  # The same.
        """Return the rule, and the arguments that stand in the path; raises what Werkzeug's own raises."""
        asked = domain, path, method, websocket
        if (found := self._found.get(asked)) is not None:
            return found, {}
        rule, values = super().match(*asked)
        # One without methods of its own would take any word for one, and be remembered for each.
        if rule.methods and not values:
            self._found[asked] = rule
        return rule, values
