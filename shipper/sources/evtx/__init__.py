"""Windows event logs (.evtx) as a source.

    inputs -> file -> scan -> chunk (header, walker, image) -> rust | reference -> events

``walker`` finds the records, whatever has happened to the chunk; ``image`` makes of it what a decoder can read;
``surrogates`` replaces what no text may hold. ``rust`` asks the wheel (``wheel``) and turns its JSON (``record_json``)
into events (``rows``), ``reference`` asks python-evtx. What either shows otherwise stands in
docs/reference/evtx-differences.md.
"""

from shipper.sources.evtx.source import EvtxSource

__all__ = ["EvtxSource"]
