"""Brings ``mappings/`` into a cluster: plans, asks before it overwrites somebody's changes, installs, updates."""

from shipper.setup.finding import Finding, Result
from shipper.setup.installation import install
from shipper.setup.plan import Change, plan

__all__ = ["Change", "Finding", "Result", "install", "plan"]
