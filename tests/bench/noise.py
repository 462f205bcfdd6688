"""What a few cycles on a machine that others use tell, and what they do not."""

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# How often an estimate is made again, and between which of these nine of ten lie.
AGAIN = 400
NINE_OF_TEN = slice(AGAIN // 20, -AGAIN // 20)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was measured in each of some cycles."""

    values: Sequence[float]
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
        return (high - low) / 2

    def is_near(self, bound: float) -> bool:
        """Tell whether another run could as well come out on the other side of ``bound``."""
        return abs(self.middle - bound) <= self.noise


def ratio(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Divide one by the other, cycle by cycle, so that a machine that grows slower changes nothing."""
    return [one / other for one, other in zip(above, below, strict=True)]


def drift(values: Sequence[float]) -> float:
    """Tell by which part a value changes from one cycle to the next, in the median."""
    return statistics.median(abs(after / before - 1) for before, after in pairwise(values)) if len(values) > 1 else 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What follows from several rows of samples, and between what it lies in nine of ten other draws of them."""

    middle: float
    low: float
    high: float

    def is_near(self, bound: float) -> bool:
        """Tell whether another run could as well come out on the other side of ``bound``."""
        return self.low <= bound <= self.high


def part(above: Sequence[float], below: Sequence[float]) -> float:
    """Give the median of one as a part of the other, cycle by cycle."""
    return statistics.median(ratio(above, below))


def more(above: Sequence[float], below: Sequence[float]) -> float:
    """Give the median of how much more one is than the other, cycle by cycle."""
    return statistics.median(one - other for one, other in zip(above, below, strict=True))


def estimate(formula: Callable[..., float], *rows: Sequence[float]) -> Estimate:
    """Work out ``formula`` of rows that have a sample of each cycle; and again of as many cycles drawn from them."""
    # The same samples have to tell the same.
    draw = random.Random(0)
    cycles = list(zip(*rows, strict=True))
    drawn = (zip(*draw.choices(cycles, k=len(cycles)), strict=True) for _ in range(AGAIN))
    again = sorted(formula(*columns) for columns in drawn)
    inner = again[NINE_OF_TEN]
    return Estimate(formula(*rows), inner[0], inner[-1])
