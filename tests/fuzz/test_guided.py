"""The parsers that are Python, fuzzed by inputs that are bred for the branches they reach."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDED = Path(__file__).with_name("guided.py")
#: What an input may be long: a few records, a few lines.
MOST_BYTES = 8192
SEED = 20261124


@pytest.mark.chaos
@pytest.mark.parametrize("target", ["chunk", "details", "json", "xml"])
def test_no_input_that_reaches_a_new_branch_does_harm(target: str, tmp_path: Path, long_form: bool) -> None:
    pytest.importorskip("atheris", reason="atheris has wheels for Linux on x86-64 alone")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    runs = 400_000 if long_form else 4000
    limits = ["-timeout=20", "-rss_limit_mb=512", f"-max_len={MOST_BYTES}"]
    # A shell in between: a process counts as its own peak what the one that started it held, and that is all the tests.
    ended = subprocess.run(  # noqa: S603 (our own fuzzer)
        [
            "/bin/sh",
            "-c",
            '"$@"; exit $?',
            "sh",
            sys.executable,
            str(GUIDED),
            target,
            str(corpus),
            f"-runs={runs}",
            f"-seed={SEED}",
            *limits,
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    said = ended.stderr.decode(errors="replace")
    assert ended.returncode == 0, f"{said[-3000:]}\n{sorted(tmp_path.glob('*-*'))} repeat it"
    done = re.search(r"^#(\d+)\s+DONE\s+cov: (\d+) ft: \d+ corp: (\d+)/.* rss: (\d+)Mb", said, re.MULTILINE)
    assert done, said[-3000:]
    count, branches, kept, peak_mb = map(int, done.groups())
    print(  # noqa: T201 (figures for the closing note, shown with -s)
        f"\nfuzz {target}: {count} inputs, 0 crashes, {branches} branches, {kept} inputs kept, peak {peak_mb} MB"
    )
    assert count >= runs
    assert kept > 10
