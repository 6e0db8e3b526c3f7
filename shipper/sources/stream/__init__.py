"""Lines of JSON as Winlogbeat and Elastic Agent write them, and event XML, from a file or standard input.

    blocks -> UTF-8 -> frames -> events

``blocks`` reads and decompresses, ``framing`` cuts the bytes into one frame an event, ``winlogbeat`` and
``event_xml`` turn a frame into an ``Event``; ``system_values`` holds the one spelling of GUIDs, masks and times that
all ways of reading agree on.
"""

from shipper.sources.stream.source import StreamSource

__all__ = ["StreamSource"]
