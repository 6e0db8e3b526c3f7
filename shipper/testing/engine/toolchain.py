"""What the machine has to offer: a JDK, Maven, libzstd. Nothing is installed from here, only asked for."""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from shipper.errors import EngineError

#: The first Java that Elasticsearch 8.19 runs on.
MINIMUM_JAVA = 17
#: One command brings all of it on Debian 12 and its relatives.
INSTALL_HINT = "apt-get install openjdk-17-jdk-headless maven libzstd1"
#: Elasticsearch's own name of a platform, by the machine's.
PLATFORMS = {"x86_64": "linux-x64", "aarch64": "linux-aarch64"}
LIBRARY_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/lib",
)


class Runtime(msgspec.Struct, frozen=True):
    """What runs an assembled node."""

    java: Path


class Toolchain(msgspec.Struct, frozen=True):
    """What assembles a node.

    Attributes:
        platform: Elasticsearch's name of this machine's platform: ``linux-x64``.
    """

    javac: Path
    jar: Path
    mvn: Path
    zstd: Path
    platform: str


def find_runtime() -> Runtime:
    """Return the programs that run a node.

    Raises:
        EngineError: there is no Java, with the command that installs it as hint.
    """
    return Runtime(_jdk_program("java"))


def find_toolchain() -> Toolchain:
    """Return the programs that assemble a node.

    Raises:
        EngineError: the platform is not served or something is missing, with the command that installs it as hint.
    """
    name = _platform_name()
    javac = _jdk_program("javac")
    _require_version(javac)
    return Toolchain(javac, _jdk_program("jar"), _program("mvn"), _zstd(), name)


def _platform_name() -> str:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in PLATFORMS:
        raise EngineError(
            f"the embedded Elasticsearch does not run on {sys.platform} {machine}",
            hint="set ES_URL to an open Elasticsearch for tests, or run them on Linux",
        )
    return PLATFORMS[machine]


def _jdk_program(name: str) -> Path:
    home = os.environ.get("JAVA_HOME")
    program = Path(home, "bin", name) if home else None
    return program if program is not None and program.is_file() else _program(name)


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise EngineError(f"the embedded Elasticsearch needs `{name}`, which is not installed", hint=INSTALL_HINT)
    return Path(found)


def _require_version(javac: Path) -> None:
    said = subprocess.run([javac, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 (a found JDK)
    match = re.search(r"javac (\d+)", said.stdout + said.stderr)
    if match is None or int(match[1]) < MINIMUM_JAVA:
        raise EngineError(f"{javac} is not of JDK {MINIMUM_JAVA} or later", hint=INSTALL_HINT)


def _zstd() -> Path:
    candidates = (Path(folder, "libzstd.so.1") for folder in LIBRARY_FOLDERS)
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        raise EngineError("the embedded Elasticsearch needs libzstd.so.1, which is not installed", hint=INSTALL_HINT)
    return found
