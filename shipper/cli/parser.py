"""Parse a command's words; what does not fit is a ``UsageError`` with the nearest option as its hint."""

import argparse
import functools
from collections.abc import Sequence
from typing import NoReturn

from shipper.cli.terminal import did_you_mean
from shipper.errors import UsageError

#: The same width everywhere, so that the reference in docs/ can be compared with what users see.
_Formatter = functools.partial(argparse.RawDescriptionHelpFormatter, width=100)


class Parser(argparse.ArgumentParser):
    """The parser of one command."""

    def __init__(self, command: str, summary: str, examples: str) -> None:
        super().__init__(
            prog=f"shipper {command}",
            description=summary[:1].upper() + summary[1:] + ".",
            epilog=f"examples:\n{examples}",
            formatter_class=_Formatter,
            allow_abbrev=False,
        )

    def parse_args(self, args: Sequence[str] | None = None, namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        """Return the parsed words; flags that were not given and have no default are absent."""
        known, extra = self.parse_known_args(args, namespace)
        if extra:
            options = [option for action in self._actions for option in action.option_strings]
            word = next((word for word in extra if word.startswith("-")), extra[0])
            raise UsageError(f"unknown option: {word}", where=self.prog, hint=did_you_mean(word.split("=")[0], options))
        return known

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into an error of ours."""
        raise UsageError(message, where=self.prog, hint=f"{self.prog} --help")
