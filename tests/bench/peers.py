"""The peers we are measured beside: installed on their own, so that their dependencies meet nobody's."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

#: https://pypi.org/project/evtxtoelk/ and https://pypi.org/project/evtx2es/
PYTHON_PEERS = ("evtxtoelk==2.2.0", "evtx2es==1.8.0")
#: https://crates.io/crates/evtx, whose binary is evtx_dump
EVTX_DUMP_VERSION = "0.15.1"


def python_peers(cache: Path) -> Path:
    """Return the folder of the peers' console scripts, installed at the first call."""
    home = cache / "peers"
    stamp = home / "-".join(PYTHON_PEERS)
    if not stamp.exists():
        print("installing", *PYTHON_PEERS, file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", *PYTHON_PEERS], check=True)
        stamp.touch()
    return home / "bin"


def evtx_dump(cache: Path) -> Path | None:
    """Return the evtx_dump binary, built at the first call; ``None`` where there is no Rust to build it with."""
    found = cache / f"evtx_dump-{EVTX_DUMP_VERSION}" / "bin" / "evtx_dump"
    if found.exists():
        return found
    cargo = shutil.which("cargo")
    if cargo is None:
        return None
    print("building evtx_dump, about two minutes", file=sys.stderr)
    words = [cargo, "install", "evtx", "--version", EVTX_DUMP_VERSION, "--root", str(found.parents[1]), "--quiet"]
    subprocess.run(words, check=True)
    return found
