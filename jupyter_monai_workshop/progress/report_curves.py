"""Curves of a training as SVG, for a page without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from .snapshot import Curve

WIDTH, HEIGHT = 340, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 12, 28
_LARGE = 1e6
_LARGEST = 1e300
_FEW = 12
"""A curve of at most that many points shows each of them."""


def curve_svg(curve: Curve) -> str:
    """Return a curve as an SVG element; empty if there is nothing that can be drawn."""
    values = [y for y in curve.y if y is not None]
    if not values or max(map(abs, values)) > _LARGEST:
        return ""
    ticks = _ticks(min(values), max(values))
    low, high = ticks[0], ticks[-1]
    first, last = curve.x[0], curve.x[-1]

    def across(x: float) -> float:
        share = (x - first) / (last - first) if last > first else 0.5
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def up(y: float) -> float:
        return round(HEIGHT - _BOTTOM - (y - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    parts = [
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_words(curve, values))}">'
    ]
    digits = _digits(ticks)
    for tick in ticks:
        place = up(tick)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{place}" y2="{place}"/>'
            f'<text class="tick" x="{_LEFT - 8}" y="{place + 4.5}" text-anchor="end">'
            f"{_told(tick, digits)}</text>"
        )
    for x, anchor in ((first, "start"), (last, "end")) if last > first else ((first, "middle"),):
        parts.append(
            f'<text class="tick" x="{across(x)}" y="{HEIGHT - 8}" text-anchor="{anchor}">'
            f"{curve.by} {x:g}</text>"
        )
    pieces = list(_pieces(curve))
    for piece in pieces:
        if len(piece) > 1:
            points = " ".join(f"{across(x)},{up(y)}" for x, y in piece)
            parts.append(f'<polyline class="line" points="{points}"/>')
    shown = [point for piece in pieces for point in piece if len(piece) == 1]
    if len(values) <= _FEW:
        shown = [point for piece in pieces for point in piece]
    for x, y in dict.fromkeys([*shown, pieces[-1][-1]]):
        parts.append(f'<circle class="dot" cx="{across(x)}" cy="{up(y)}" r="3"/>')
    return "".join([*parts, "</svg>"])


def _pieces(curve: Curve) -> Iterator[list[tuple[float, float]]]:
    """Yield the runs of finite points."""
    piece: list[tuple[float, float]] = []
    for x, y in zip(curve.x, curve.y, strict=True):
        if y is not None:
            piece.append((x, y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round values that hold `low` and `high`."""
    if high - low < 1e-9 * max(1.0, abs(high)):
        width = abs(high) / 10 or 0.5
        low, high = low - width, high + width
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * it for it in (1, 2, 2.5, 5, 10) if power * it >= rough)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [number * step for number in range(first, last + 1)]


def _digits(ticks: list[float]) -> int:
    step = abs(ticks[1] - ticks[0])
    digits = max(0, min(6, -math.floor(math.log10(step)))) if 0 < step < math.inf else 0
    return digits if abs(step * 10**digits - round(step * 10**digits)) < 1e-6 else digits + 1


def _words(curve: Curve, values: list[float]) -> str:
    first, last, lowest, highest = (
        _told(value, curve.digits) for value in (values[0], values[-1], min(values), max(values))
    )
    return (
        f"{curve.title} by {curve.by}: from {first} to {last}, lowest {lowest}, highest {highest}"
    )


def _told(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if abs(value) < _LARGE else f"{value:.3g}"
