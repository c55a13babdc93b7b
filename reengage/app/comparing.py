"""Our figures beside those of others: what can be said for sure, and what is missing where nothing can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reengage.app.shares import FEWEST, Share, interval
from reengage.language.benchmarks import ABOUT, Benchmark, Kind, Measure, Unit
from reengage.language.tree import Between

Verdict = Literal["no_figure", "too_few", "unclear", "inside", "below", "above"]
"""Where a figure lies beside the numbers of others: the whole interval, or it is unclear."""

MOST = 10_000_000
"""Nobody waits for so many more."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of ours in the unit of its measure, with the interval in which it may lie, and the share it is."""

    value: float
    low: float
    high: float
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What can be said of one figure beside one benchmark; `advice` only where it applies, for sure.

    `more` is how many more of the same would tell, where that is not clear yet.
    """

    id: str
    what: Measure
    about: str
    kind: Kind
    theirs: str
    unit: Unit
    figure: Figure | None
    verdict: Verdict
    says: str
    source: str
    rows: tuple[str, ...]
    advice: str = ""
    more: int | None = None


def percent(share: Share) -> Figure | None:
    """A share in percent; nothing where there is none."""
    if share.share is None:
        return None
    return Figure(100 * share.share, 100 * share.low, 100 * share.high, share)


def exactly(value: float) -> Figure:
    """What was counted or measured, and is no sample."""
    return Figure(value, value, value)


def compare(benchmark: Benchmark, figures: Mapping[Measure, Figure | None]) -> Comparison:
    """One benchmark beside our figure."""
    figure = figures.get(benchmark.what)
    verdict = _verdict(benchmark.span, figure)
    more = _more(benchmark.span, figure) if figure and verdict == "unclear" else None
    return Comparison(
        id=benchmark.id,
        what=benchmark.what,
        about=ABOUT[benchmark.what][0],
        kind=benchmark.kind,
        theirs=_told(benchmark),
        unit=benchmark.unit,
        figure=figure,
        verdict=verdict,
        says=_says(benchmark.kind, verdict, figure, more),
        source=benchmark.source,
        rows=benchmark.rows,
        advice=benchmark.advice if _applies(benchmark.kind, verdict) else "",
        more=more,
    )


def _verdict(span: Between, figure: Figure | None) -> Verdict:
    if figure is None:
        return "no_figure"
    if figure.share and not figure.share.enough:
        return "too_few"
    return _place(span, figure.low, figure.high)


def _place(span: Between, low: float, high: float) -> Verdict:
    least, most = _bounds(span)
    if high < least:
        return "below"
    if low > most:
        return "above"
    return "inside" if least <= low and high <= most else "unclear"


def _bounds(span: Between) -> tuple[float, float]:
    least, most = span.at_least, span.at_most
    return (
        float(least) if isinstance(least, int | float) else 0.0,
        float(most) if isinstance(most, int | float) else float("inf"),
    )


def _more(span: Between, figure: Figure) -> int | None:
    """How many more it takes to tell, if the share stays what it is."""
    if figure.share is None or figure.share.share is None:
        return None
    share, of = figure.share.share, figure.share.of

    def tells(number: int) -> bool:
        low, high = interval(share, number)
        return _place(span, 100 * low, 100 * high) != "unclear"

    few, many = of, 2 * of
    while not tells(many):
        few, many = many, 2 * many
        if many > MOST:
            return None
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if tells(middle) else (middle, many)
    return many - of


def _applies(kind: Kind, verdict: Verdict) -> bool:
    return verdict == "inside" if kind == "alarm" else verdict in ("below", "above")


_WORDS: dict[tuple[Kind, Verdict], str] = {
    ("goal", "inside"): "as it should be",
    ("goal", "below"): "NOT as it should be: too low",
    ("goal", "above"): "NOT as it should be: too high",
    ("alarm", "inside"): "ALARM",
    ("alarm", "below"): "no alarm",
    ("alarm", "above"): "no alarm",
    ("typical", "inside"): "as with others",
    ("typical", "below"): "lower than with others",
    ("typical", "above"): "higher than with others",
}


def _says(kind: Kind, verdict: Verdict, figure: Figure | None, more: int | None) -> str:
    if figure is None:
        return "no figures"
    if verdict == "too_few":
        of = figure.share.of if figure.share else 0
        return f"too few to tell: {of} of at least {FEWEST}"
    if verdict == "unclear":
        unclear = "may be as with others" if kind == "typical" else "cannot be told yet"
        return f"{unclear}; {more:,} more like these would tell" if more else unclear
    return _WORDS[kind, verdict]


def _told(benchmark: Benchmark) -> str:
    least, most = benchmark.span.at_least, benchmark.span.at_most
    unit = "%" if benchmark.unit is Unit.PERCENT else str(benchmark.unit)
    if least is not None and most is not None:
        return f"{least} {unit}" if least == most else f"{least} to {most} {unit}"
    return f"{benchmark.span} {unit}"
