"""Every file that is made from the rules, as bytes: the same rules give the same ones."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from shipper.rules.model import Rule
from shipper.rules.targets import elastalert, kibana, sigma
from shipper.rules.targets.page import refreshed
from shipper.rules.targets.said import Unsayable

#: Where they stand, below the top of the project.
RULES = Path("dashboards") / "rules"
PAGE = Path("docs") / "reference" / "rules.md"


def built(rules: Sequence[Rule]) -> dict[Path, bytes]:
    """Return the content of every file below ``dashboards/rules`` that is made from the rules, by its path there."""
    return {
        Path("kibana.ndjson"): kibana.ndjson(rules),
        Path("sigma") / "pipeline.yml": sigma.pipeline().encode(),
        **_said((Path("sigma") / f"{rule.id}.yml", sigma.sigma(rule)) for rule in rules),
        **_said((Path("elastalert") / f"{rule.id}.yaml", elastalert.elastalert(rule)) for rule in rules),
    }


def left_over(project: Path, files: Iterable[Path]) -> list[Path]:
    """Return the files of earlier builds that are not among ``files``: those of a rule that is gone."""
    folder = project / RULES
    there = [file for name in ("sigma", "elastalert") for file in (folder / name).glob("*") if file.is_file()]
    return sorted(file for file in there if file.relative_to(folder) not in set(files))


def write(project: Path, rules: Sequence[Rule]) -> None:
    """Write every file below ``project``, make the page's tables anew, and remove what earlier builds left."""
    files = built(rules)
    for path, content in files.items():
        target = project / RULES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for file in left_over(project, files):
        file.unlink()
    page = project / PAGE
    page.write_text(refreshed(page.read_text(encoding="utf-8"), rules), encoding="utf-8")


def _said(texts: Iterable[tuple[Path, str | Unsayable]]) -> dict[Path, bytes]:
    return {path: text.encode() for path, text in texts if not isinstance(text, Unsayable)}
