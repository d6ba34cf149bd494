"""The same figures as a picture: one panel a scenario, one bar a server. SVG, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.report import Results
from bench.servers import SHILLER

_WIDTH, _LABELS, _BAR, _GAP, _HEAD, _MARGIN = 760, 130, 18, 6, 34, 16
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.bar { fill: #9aa5b1 } .own { fill: #0a7d5a }
.ground { fill: #ffffff }
"""


@dataclass(frozen=True)
class Panel:
    scenario: str
    figure: str
    title: str
    decimals: int = 0


PANELS = (
    Panel("1x500", "message_us", "CPU µs per delivered message, 1 x 500 trainees (less is better)", 1),
    Panel("100x10", "push_us", "CPU µs per push, 100 x 10 trainees (less is better)"),
    Panel("1x500", "p99_ms", "p99 from push to receipt in ms, 1 x 500 trainees (less is better)", 1),
    Panel("most", "messages_per_second", "messages/s at p99 < 100 ms, 20 x 50 trainees (more is better)"),
    Panel("pushes", "pushes_per_second", "durable pushes/s, 200 sessions (more is better)"),
    Panel("memory", "own_kib", "KiB per idle connection (less is better)", 1),
)


def chart(results: Results, panels: Sequence[Panel] = PANELS) -> str:
    parts: list[str] = []
    top = _MARGIN
    for panel in panels:
        values = {peer: results.median(panel.scenario, peer, panel.figure) for peer in results.peers(panel.scenario)}
        shown = {peer: value for peer, value in values.items() if value is not None}
        if shown:
            parts += _panel(panel, shown, top)
            top += _HEAD + len(shown) * (_BAR + _GAP) + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}">'
        f'<style>{_STYLE}</style><rect class="ground" width="{_WIDTH}" height="{top}"/>{"".join(parts)}</svg>\n'
    )


def _panel(panel: Panel, values: dict[str, float], top: int) -> list[str]:
    room = _WIDTH - _LABELS - 2 * _MARGIN - 80
    most = max(values.values()) or 1.0
    parts = [f'<text class="title" x="{_MARGIN}" y="{top + 14}">{escape(panel.title)}</text>']
    for place, (peer, value) in enumerate(values.items()):
        y = top + _HEAD - 8 + place * (_BAR + _GAP)
        width = max(1.0, value / most * room)
        kind = "bar own" if peer == SHILLER.name else "bar"
        x = _LABELS + _MARGIN
        parts += [
            f'<text x="{x - 8}" y="{y + 14}" text-anchor="end">{escape(peer)}</text>',
            f'<rect class="{kind}" x="{x}" y="{y}" width="{width:.1f}" height="{_BAR}"/>',
            f'<text x="{x + width + 6:.1f}" y="{y + 14}">{value:,.{panel.decimals}f}</text>',
        ]
    return parts
