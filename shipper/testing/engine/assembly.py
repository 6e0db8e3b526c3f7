"""Laying a node out, once per machine and recipe, in a cache folder that processes may share."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from shipper.errors import EngineError
from shipper.testing.engine.maven import fetch
from shipper.testing.engine.recipe import Module, Recipe, read_recipe
from shipper.testing.engine.toolchain import Toolchain, find_toolchain

#: Lines of a descriptor that do not hold here: on the class path there are no named modules, and some of those that
#: are extended are not published.
DROPPED = ("#", "modulename", "extended.plugins")
LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %p %c{1} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def default_cache_folder() -> Path:
    """Return the folder that engines are kept in: below ``XDG_CACHE_HOME``, else ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "intune-connector-shipper")


def assemble(cache_folder: Path | None = None) -> Path:
    """Return the folder of an assembled node, laying it out first where it is not there yet.

    Safe against several processes at once: one builds, the others wait. A half-built folder is never seen, because
    it is built beside and renamed.

    Args:
        cache_folder: where engines are kept; ``default_cache_folder()`` by default.

    Raises:
        EngineError: a program or library is missing, Maven cannot download, or a jar is not the pinned one.
    """
    cache = cache_folder or default_cache_folder()
    recipe = read_recipe()
    engine = cache / f"engine-{recipe.version}-{recipe.fingerprint}"
    if engine.is_dir():
        return engine
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "engine.lock"):
        if not engine.is_dir():
            _build(recipe, find_toolchain(), engine)
    return engine


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed, also by the death of the process
        yield


def _build(recipe: Recipe, toolchain: Toolchain, engine: Path) -> None:
    for left_over in engine.parent.glob("building-*"):  # of a process that died: the lock is ours
        shutil.rmtree(left_over)
    folder = Path(tempfile.mkdtemp(prefix="building-", dir=engine.parent))
    try:
        _lay_out(recipe, toolchain, folder)
        folder.rename(engine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(recipe: Recipe, toolchain: Toolchain, folder: Path) -> None:
    modules = folder / "modules"
    jars = {modules / module.name: module.jars for module in recipe.modules}
    for created in (folder / "plugins", folder / "config", *jars):
        created.mkdir(parents=True)
    fetch(toolchain.mvn, {folder / "server": recipe.server, **jars}, folder / "pom.xml")
    for module in recipe.modules:
        _describe(modules / module.name, module, recipe.version)
    _add_own_classes(recipe, toolchain, folder)
    _link_zstd(toolchain, folder)
    (folder / "log4j2.properties").write_text(LOGGING, "utf-8")


def _describe(folder: Path, module: Module, version: str) -> None:
    """Write the descriptor that the module's own jar carries, with what it extends here."""
    with zipfile.ZipFile(folder / f"{module.name}-{version}.jar") as jar:
        text = jar.read(f"META-INF/es-plugins/{module.name}/plugin-descriptor.properties").decode()
    lines = [line for line in text.splitlines() if line and not line.startswith(DROPPED)]
    if module.extends:
        lines.append("extended.plugins=" + ",".join(module.extends))
    _write_descriptor(folder, lines)


def _write_descriptor(folder: Path, lines: Sequence[str]) -> None:
    (folder / "plugin-descriptor.properties").write_text("\n".join(lines) + "\n", "utf-8")


def _add_own_classes(recipe: Recipe, toolchain: Toolchain, folder: Path) -> None:
    """Compile what the published jars lack: a main class, pieces of analysis, stand-ins for ES|QL's class loading."""
    analysis = folder / "modules" / "security-index-analysis"
    analysis.mkdir()
    with as_file(files(__package__).joinpath("java")) as java:
        _compile(toolchain, java / "server", folder / "server" / "node-launcher.jar", folder)
        _compile(toolchain, java / "esql", folder / "modules" / "x-pack-esql" / "stand-ins.jar", folder)
        _compile(toolchain, java / "analysis", analysis / "security-index-analysis.jar", folder)
    _write_descriptor(
        analysis,
        (
            "name=security-index-analysis",
            "description=the pieces of analysis that the security index names",
            "classname=SecurityIndexAnalysis",
            f"version={recipe.version}",
            f"elasticsearch.version={recipe.version}",
            "java.version=17",
        ),
    )


def _compile(toolchain: Toolchain, sources: Path, target: Path, engine: Path) -> None:
    with tempfile.TemporaryDirectory(dir=engine) as classes:
        class_path = f"{engine / 'server'}/*"
        found = sorted(sources.rglob("*.java"))
        _run([toolchain.javac, "--release", "17", "-nowarn", "-cp", class_path, "-d", classes, *found])
        _run([toolchain.jar, "--create", "--file", target, "-C", classes, "."])


def _run(command: Sequence[str | Path]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (programs of a found JDK)
    if ended.returncode != 0:
        raise EngineError(f"{command[0]} failed:\n{(ended.stdout + ended.stderr).strip()}")


def _link_zstd(toolchain: Toolchain, folder: Path) -> None:
    native = folder / "native" / toolchain.platform
    native.mkdir(parents=True)
    (native / "libzstd.so").symlink_to(toolchain.zstd)
