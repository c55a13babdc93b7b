"""A line chart as SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 360, 60, 30, 40
COLOURS = ("#3b82f6", "#ef8b17", "#16a36a", "#b45ad6")

_STYLE = """
 text { font: 12px sans-serif; fill: #333 } .grid { stroke: #8884 }
 @media (prefers-color-scheme: dark) { text { fill: #ddd } }
"""


def draw(title: str, unit: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Lines by their name, each a sequence of (x, y) from 0 on; y is in this unit."""
    most_x = max(x for points in lines.values() for x, _ in points)
    most_y = max(y for points in lines.values() for _, y in points) * 1.1 or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + x / most_x * (WIDTH - LEFT - 130), 1),
            round(HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM), 1),
        )

    parts = [f'<text x="{LEFT}" y="18">{escape(title)}</text>']
    for step in range(5):
        x, y = place(0, most_y * step / 4)
        parts.append(f'<path class="grid" d="M{x} {y}H{place(most_x, 0)[0]}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{most_y * step / 4:.3g}{escape(unit)}</text>')
    for tick in sorted({x for points in lines.values() for x, _ in points}):
        x, y = place(tick, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">×{tick:g}</text>')
    for colour, (name, points) in zip(COLOURS, lines.items(), strict=False):
        spots = [place(*point) for point in points]
        joined = " ".join(f"{x},{y}" for x, y in spots)
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in spots]
        x, y = spots[-1]
        parts.append(f'<text x="{x + 10}" y="{y + 4}" style="fill:{colour}">{escape(name)}</text>')
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    return f"{head}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
