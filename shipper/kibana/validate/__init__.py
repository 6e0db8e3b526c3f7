"""Looks at saved objects as drawing them in Kibana would, without a Kibana.

An import that succeeds proves little: Kibana 8.12 takes objects that stay blank, are drawn wrong or break a whole
dashboard, without a word. Each check here is for one such thing that was seen in a running one.
"""

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Field, Fields, load_fields
from shipper.kibana.validate.validation import validate

__all__ = ["Fault", "Field", "Fields", "load_fields", "validate"]
