"""Fetching of pinned jars through Maven, so that its settings, mirrors and local repository serve."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from shipper.errors import EngineError
from shipper.testing.engine.recipe import Jar

#: Pinned, so that the same command means the same on every machine.
PLUGIN = ("org.apache.maven.plugins", "maven-dependency-plugin", "3.8.1")
#: A cold start downloads about 75 MB; past this the line is taken for dead.
TIMEOUT_S = 900
SHOWN_LINES = 12


def fetch(mvn: Path, folders: dict[Path, Iterable[Jar]], pom: Path) -> None:
    """Copy each jar into its folder and hold its bytes against the pinned SHA-256.

    Args:
        mvn: the Maven program.
        folders: which jars go where.
        pom: file to write the project to that tells Maven so.

    Raises:
        EngineError: Maven failed or took too long, or a jar is not the one that was pinned.
    """
    wanted = [(folder, jar) for folder, jars in folders.items() for jar in jars]
    pom.write_text(project(wanted), "utf-8")
    _run(mvn, pom)
    for folder, jar in wanted:
        _verify(folder / jar.file_name, jar)


def project(wanted: Iterable[tuple[Path, Jar]]) -> str:
    """Return the text of a Maven project that copies single jars, without what they depend on."""
    items = "".join(_item(folder, jar) for folder, jar in wanted)
    group, artifact, version = PLUGIN
    return f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>
  <build><plugins><plugin>
    <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
    <configuration><artifactItems>
{items}    </artifactItems></configuration>
  </plugin></plugins></build>
</project>
"""


def _item(folder: Path, jar: Jar) -> str:
    return (
        f"      <artifactItem><groupId>{jar.group}</groupId><artifactId>{jar.artifact}</artifactId>"
        f"<version>{jar.version}</version><outputDirectory>{escape(str(folder))}</outputDirectory></artifactItem>\n"
    )


def _run(mvn: Path, pom: Path) -> None:
    command: list[str | Path] = [mvn, "--batch-mode", "--quiet", "--file", pom, "dependency:copy"]
    try:
        ended = subprocess.run(  # noqa: S603 (a found Maven, a file of ours)
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"Maven did not finish within {TIMEOUT_S} s", hint=_HINT) from error
    if ended.returncode != 0:
        said = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[:SHOWN_LINES])
        raise EngineError(f"Maven could not fetch the jars of Elasticsearch:\n{said}", hint=_HINT)


_HINT = "check the way to Maven Central (proxy and mirror stand in ~/.m2/settings.xml), then run the same again"


def _verify(path: Path, jar: Jar) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != jar.sha256:
        raise EngineError(
            f"the SHA-256 of {jar.file_name} is {found}, pinned is {jar.sha256}",
            hint="remove it from the local Maven repository; if it happens again, the mirror serves something else",
        )
