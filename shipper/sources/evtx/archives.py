r"""Full logs that were archived: Windows renames the file and goes on in a new one, with the next record number.

``Admin.evtx`` becomes ``Archive-Admin-2026-11-24-09-30-00-123.evtx`` in the same folder
(https://learn.microsoft.com/windows/win32/wes/defining-channels, ``autoBackup``; the name as seen on Windows Server).
"""

import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"archive-(?P<stem>.+)-\d{4}(?:-\d\d){5}-\d{3}\.evtx", re.IGNORECASE)


def live_log_of(archive: str) -> str | None:
    """Return the path of the log that an archive was, ``None`` where the name is none of an archive."""
    path = Path(archive)
    match = _NAME.fullmatch(path.name)
    return str(path.with_name(f"{match['stem']}{path.suffix}")) if match else None


def archives_of(log: str) -> Iterator[str]:
    """Yield the paths of the archives of a log, by name, which is by age; none where the folder cannot be read."""
    path = Path(log)
    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        return
    for name in names:
        match = _NAME.fullmatch(name)
        if match and match["stem"].casefold() == path.stem.casefold():
            yield str(path.with_name(name))
