"""What a run of ``shipper setup --json`` gave."""

import json
from pathlib import Path
from typing import Protocol

import msgspec


class Ran(msgspec.Struct, frozen=True):
    """Exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def results(self) -> dict[str, str]:
        """What became of each object, by its name."""
        return {one["name"]: one["result"] for one in json.loads(self.out)["objects"]}

    def detail(self, name: str) -> str:
        """Return what is said of one object beyond its result."""
        return next(str(one.get("detail", "")) for one in json.loads(self.out)["objects"] if one["name"] == name)


class Setup(Protocol):
    """Runs ``shipper setup`` against a stand-in.

    Args:
        words: further flags.
        files: folder of a release.
        url: of Kibana.
        as_json: with ``--json``.
    """

    def __call__(self, *words: str, files: Path = ..., url: str = ..., as_json: bool = ...) -> Ran:
        """Run it."""
        ...
