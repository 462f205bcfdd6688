"""What a few cycles on a machine that others use tell, and what they do not."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was measured in each of some cycles.

    ``alike`` is what the same figure of the same server came to when it was taken twice in a cycle, as the ratio of
    the two. Whatever that is away from one, is noise.
    """

    values: Sequence[float]
    alike: Sequence[float] = ()
    # Where the middle of the ratios would rest on single small numbers, it is given.
    given: float | None = None

    @property
    def middle(self) -> float:
        """The median."""
        return statistics.median(self.values) if self.given is None else self.given

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which half of the values lie."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    @property
    def noise(self) -> float:
        """How far from the middle a bound has to be to say something."""
        low, high = self.quartiles
        apart = statistics.median(abs(each - 1) for each in self.alike) if self.alike else 0
        return max((high - low) / 2, apart * abs(self.middle))

    def is_near(self, bound: float) -> bool:
        """Tell whether another run could as well come out on the other side of ``bound``."""
        return abs(self.middle - bound) <= self.noise


def ratio(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Divide one by the other, cycle by cycle, so that a machine that grows slower changes nothing."""
    return [one / other for one, other in zip(above, below, strict=True)]


def drift(values: Sequence[float]) -> float:
    """Tell by which part a value changes from one cycle to the next, in the median."""
    return statistics.median(abs(after / before - 1) for before, after in pairwise(values)) if len(values) > 1 else 0
