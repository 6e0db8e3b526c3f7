"""A checkpoint survives the end of its process at any moment."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shipper.model import Cursor
from shipper.state import CheckpointFile, StateFolder

SAVING = """
import sys
from pathlib import Path
from shipper.model import Cursor
from shipper.state import Checkpoint, CheckpointFile, StateFolder
with StateFolder(Path(sys.argv[1])) as folder:
    file = CheckpointFile(folder, "-")
    known = file.load()
    number = known.output_bytes if known is not None else 0
    print("begun", flush=True)
    while True:
        number += 1
        file.save(Checkpoint(tuple(Cursor(f"{log}.evtx", number) for log in range(200)), number))
        print(number, flush=True)
"""


@pytest.mark.chaos
def test_a_checkpoint_whose_process_is_killed_is_whole_and_no_older_than_what_was_said_saved(
    tmp_path: Path, long_form: bool
) -> None:
    chance = random.Random(7)  # noqa: S311 (moments, not secrets)
    said = 0
    for _ in range(200 if long_form else 10):
        words = [sys.executable, "-c", SAVING, str(tmp_path)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (this Python)
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            lines = process.stdout.read().split("\n")[:-1]
        said = max([said, *map(int, lines)])
        with StateFolder(tmp_path) as folder:
            found = CheckpointFile(folder, "-").load()
        if found is None:
            assert said == 0
            continue
        assert said <= found.output_bytes <= said + 1
        said = found.output_bytes
        assert found.cursors == tuple(Cursor(f"{log}.evtx", said) for log in range(200))
    assert said > 0
