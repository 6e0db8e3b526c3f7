"""Nothing of one place: objects are to work in any Kibana, any space, on any indices of ours."""

import re
from collections.abc import Iterator
from typing import Any

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Package

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_URL = re.compile(r"(?:https?|ftp)://([^/\s\"')\\]*)")
#: Where links may lead outside of Kibana: public sites of Microsoft, the same for everyone.
PUBLIC_SITES = frozenset({"intune.microsoft.com", "learn.microsoft.com", "entra.microsoft.com"})
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
#: A condition that holds on one server or for one person alone.
_OF_ONE_PLACE = re.compile(
    r"\b(?:host\.(?:name|hostname)|agent\.name|user\.id|device\.id|data_stream\.namespace)\s*(?::|==)\s*\(?\s*\\*\""
)
_LINK = re.compile(r"\]\(([^)\s]*)\)")
_TARGETS = {"#/view/": "dashboard", "discover#/view/": "search"}


def check(package: Package) -> Iterator[Fault]:
    """Yield what is bound to one place, and links that lead nowhere."""
    for item in package.items:
        if _UUID.search(item.name):
            yield Fault(item.place, "portable", "its id is made by a machine, not by a name")
        yield from (Fault(item.place, "portable", wrong) for wrong in dict.fromkeys(_bound(item)))
    for view in package.of_kind("index-pattern"):
        if view.attributes.get("title") not in package.fields:
            yield Fault(view.place, "portable", f"{view.attributes.get('title')} is no index pattern of ours")
    for board in package.of_kind("dashboard"):
        for panel in board.panels:
            text = str(panel.config.get("savedVis", {}).get("params", {}).get("markdown", ""))
            yield from (Fault(panel.place, "link", f"{link} leads nowhere")
                        for link in _LINK.findall(text) if not _leads(link, package))  # fmt: skip


def _bound(item: Item) -> Iterator[str]:
    for text in _strings([item.attributes, item.references]):
        if _UUID.search(text):
            yield "names something by a machine's id"
        yield from (f"leads to {host}" for host in _URL.findall(text) if host not in PUBLIC_SITES)
        if _ADDRESS.search(text):
            yield "names an address"
        if _OF_ONE_PLACE.search(text):
            yield "asks for one host, person or namespace"
        if "parsedUrl" in text:
            yield "remembers the Kibana that it was made in"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, inner in value.items() for text in (key, *_strings(inner)))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _strings(inner))


def _leads(link: str, package: Package) -> bool:
    if _URL.match(link):
        return True
    return any(link == prefix + item.name for prefix, kind in _TARGETS.items() for item in package.of_kind(kind))
