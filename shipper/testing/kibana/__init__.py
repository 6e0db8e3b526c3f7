"""A stand-in for Kibana: an HTTP server that takes and refuses what Kibana 8.12 takes and refuses, and remembers it.

It is written after what was seen in a running Kibana 8.12.2 and, where that is silent, after Kibana's published source;
it draws nothing, runs no rule, and proves nothing about a Kibana that behaves otherwise.
"""

from shipper.testing.kibana.fault import Fault
from shipper.testing.kibana.reply import Reply
from shipper.testing.kibana.stand_in import Request, StandIn

__all__ = ["Fault", "Reply", "Request", "StandIn"]
