"""The page: one HTML file without a script, which loads nothing."""

from shipper.report.page.document import write_page

__all__ = ["write_page"]
