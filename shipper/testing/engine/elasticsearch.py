"""Starting of nodes, each in a folder of its own that goes with it."""

import http
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from shipper.errors import EngineError
from shipper.testing.engine.access import Access
from shipper.testing.engine.assembly import assemble
from shipper.testing.engine.certificates import Authority
from shipper.testing.engine.configuration import Secrets, write_configuration
from shipper.testing.engine.node import Node
from shipper.testing.engine.toolchain import find_runtime

START_WITHIN_S = 120
POLL_S = 0.05
SHOWN_LINES = 20
#: For short lives on few cores. Measured on two: CPU time to start 4.4 s instead of 8.8 s with the defaults (G1, both
#: compilers), for the first 50,000 documents 2.7 s instead of 7.1 s, for the next 150,000 4.7 s instead of 5.8 s.
FEW_CORES = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class Elasticsearch:
    """Starts nodes and, as a context manager, ends them with whatever they wrote.

    A node also ends when the process that started it ends, however it does: the node watches its standard input.

    Args:
        cache_folder: where the assembled engine is kept; below ``XDG_CACHE_HOME`` by default.
    """

    def __init__(self, cache_folder: Path | None = None) -> None:
        self._cache_folder = cache_folder
        self._nodes: list[tuple[Node, Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while self._nodes:
            node, folder = self._nodes.pop()
            node.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def start(
        self,
        *,
        secured: bool = False,
        settings: Mapping[str, str] = NO_SETTINGS,
        data_folder: Path | None = None,
        heap_mb: int = 1024,
        authority: Authority | None = None,
    ) -> Node:
        """Start a node on free ports of 127.0.0.1 and return it when it answers with a healthy cluster.

        Args:
            secured: with TLS and a superuser of random password instead of open.
            settings: of Elasticsearch: ``{"http.max_content_length": "1mb"}``; ``http.port`` gives a fixed port.
            data_folder: where its indices are kept, to start a node again on them; one that goes with it by default.
            heap_mb: size of the Java heap in MB.
            authority: signs the certificate of a secured node; a new one by default.

        Raises:
            EngineError: the engine cannot be assembled, or the node ended or did not answer in time; with the end of
                its log, which is then kept.
        """
        java = find_runtime().java
        engine = assemble(self._cache_folder)
        folder = Path(tempfile.mkdtemp(prefix="shipper-engine-"))
        with _removed_on_error(folder):
            secrets = write_configuration(
                folder, data=data_folder, settings=settings, secured=secured, authority=authority
            )
        process = _launch(java, engine, folder, heap_mb)
        with _killed_on_error(process):
            access = _wait_until_healthy(process, folder, secrets)
        node = Node(process, access, folder / "node.log")
        self._nodes.append((node, folder))
        return node


@contextmanager
def _removed_on_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder)
        raise


@contextmanager
def _killed_on_error(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        process.communicate()
        raise


def _launch(java: Path, engine: Path, folder: Path, heap_mb: int) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [
        java,
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        *FEW_CORES,
        "-XX:-UsePerfData",  # no files in the shared temporary folder
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Des.nativelibs.path={engine / 'native'}",
        f"-Djava.library.path={engine / 'native'}",
        "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",  # the library is not published
        f"-Dlog4j.configurationFile={engine / 'log4j2.properties'}",
        "-cp",
        f"{engine / 'server'}/*",
        "NodeLauncher",
        engine,
        folder / "config",
    ]
    with (folder / "node.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (a found JDK)
            command, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )


def _wait_until_healthy(process: subprocess.Popen[bytes], folder: Path, secrets: Secrets | None) -> Access:
    ends_at_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < ends_at_s:
        if process.poll() is not None:
            raise _failure(f"Elasticsearch ended with {process.returncode} while it started", folder)
        access = _access(folder / "logs" / "http.ports", secrets)
        if access is not None and _is_healthy(access):
            return access
        time.sleep(POLL_S)
    raise _failure(f"Elasticsearch did not answer within {START_WITHIN_S} s", folder)


def _access(ports_file: Path, secrets: Secrets | None) -> Access | None:
    """Read where the node listens; it writes the file in one move when it does."""
    if not ports_file.exists():
        return None
    address = ports_file.read_text("utf-8").split()[0]
    if secrets is None:
        return Access(f"http://{address}")
    return Access(f"https://{address}", secrets.ca_file, secrets.username, secrets.password)


def _is_healthy(access: Access) -> bool:
    try:
        status, _ = access.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=10s")
    except OSError:
        return False
    return status == http.HTTPStatus.OK


def _failure(message: str, folder: Path) -> EngineError:
    log = folder / "node.log"
    tail = log.read_text("utf-8", "replace").splitlines()[-SHOWN_LINES:]
    return EngineError("\n".join((message, *tail)), where=str(log), hint="the log shows why; it is kept")
