"""Installs everything into one space: saved objects first, then rules; each says what became of it as it is known."""

from collections.abc import Iterator

from shipper.kibana.install.finding import Finding
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.objects import install_objects
from shipper.kibana.install.package import Package
from shipper.kibana.install.rules import install_rules


def install(
    kibana: Kibana, package: Package, *, overwrite: bool = False, enable_rules: bool = False, rules: bool = True
) -> Iterator[Finding]:
    """Install ``package``; what users changed is kept, what an earlier release left is removed.

    Args:
        kibana: which space of which Kibana.
        package: what.
        overwrite: what users changed gives way to ours.
        enable_rules: rules that are new start to run.
        rules: with the detection rules.

    Yields:
        One finding per object, in the order in which it happens: whoever is interrupted knows how far it came.

    Raises:
        UsageError: there is no such space.
        SinkError: not reachable, not supported, or a whole request was refused; what was yielded before is done.
    """
    try:
        kibana.open()
        yield from install_objects(kibana, package, overwrite=overwrite)
        if rules:
            yield from install_rules(kibana, package.rules, overwrite=overwrite, enable=enable_rules)
    finally:
        kibana.close()
