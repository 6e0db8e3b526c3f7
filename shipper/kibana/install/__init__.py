"""Brings data views, dashboards and rules into a Kibana: looks first, keeps what users changed, says what it did."""

from shipper.kibana.install.address import connect
from shipper.kibana.install.finding import Finding, Result
from shipper.kibana.install.installation import install
from shipper.kibana.install.kibana import Kibana
from shipper.kibana.install.package import Package, packed, read_folder, read_package
from shipper.kibana.install.rules import TAG as RULES_TAG
from shipper.kibana.install.writing import write_files

__all__ = [
    "RULES_TAG",
    "Finding",
    "Kibana",
    "Package",
    "Result",
    "connect",
    "install",
    "packed",
    "read_folder",
    "read_package",
    "write_files",
]
