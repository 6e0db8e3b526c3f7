"""Colours: of values of a field, of series, of numbers by their size."""

from shipper.kibana.build.saved_object import Json
from shipper.kibana.spec.model import Shared


def code(shared: Shared, name: str) -> str:
    """Return ``#RRGGBB``."""
    return shared.colours[name]


def palette(shared: Shared, name: str) -> Json:
    """Return the palette of named bands. ``stops`` are the upper ends: without them Kibana draws other colours."""
    bands = shared.bands[name]
    begins = [band.begin for band in bands]
    ends = [*begins[1:], begins[-1] + 1]
    colours = [shared.colours[band.colour] for band in bands]
    return {
        "type": "palette",
        "name": "custom",
        "params": {
            "name": "custom",
            "steps": len(bands),
            "maxSteps": 5,
            "reverse": False,
            "rangeType": "number",
            "rangeMin": begins[0],
            "rangeMax": None,
            "progression": "fixed",
            "continuity": "above",
            "colorStops": [{"color": colour, "stop": begin} for colour, begin in zip(colours, begins, strict=True)],
            "stops": [{"color": colour, "stop": end} for colour, end in zip(colours, ends, strict=True)],
        },
    }


def mapping(shared: Shared, name: str) -> Json:
    """Return which value has which colour; any other value has one of Kibana's colour-blind palette."""
    return {
        "assignments": [
            {
                "rule": {"type": "matchExactly", "values": [value]},
                "color": {"type": "colorCode", "colorCode": shared.colours[colour]},
                "touched": True,
            }
            for value, colour in shared.colourings[name].items()
        ],
        "specialAssignments": [{"rule": {"type": "other"}, "color": {"type": "loop"}, "touched": False}],
        "paletteId": "eui_amsterdam_color_blind",
        "colorMode": {"type": "categorical"},
    }
