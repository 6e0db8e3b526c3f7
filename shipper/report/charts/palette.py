"""Colours of the charts: what stands in the drawing, and what stands for it in the page's style.

Vega needs colours while it draws; the page needs names, so that dark, light and print choose. The outcomes are of the
Okabe-Ito palette, which people with any of the common colour blindnesses tell apart: https://jfly.uni-koeln.de/color/
"""

FAILURE, SUCCESS, UNKNOWN = "#d55e00", "#009e73", "#8a8f98"
TEXT, LINE, FACE = "#010203", "#040506", "#070809"
OUTCOMES = {"failure": FAILURE, "success": SUCCESS, "unknown": UNKNOWN}
#: As Vega writes them to the variables of ``page/style.css``.
VARIABLES = {
    FAILURE: "var(--failure)",
    SUCCESS: "var(--success)",
    UNKNOWN: "var(--unknown)",
    TEXT: "var(--muted)",
    LINE: "var(--line)",
    FACE: "var(--cell)",
}
