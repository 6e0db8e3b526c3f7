"""What a panel asks Elasticsearch: the search or the ES|QL query that Kibana sends for it, so that it can be asked.

No Kibana runs in our tests. This says of each panel the question behind it, in Elasticsearch's own terms: dates in
fixed spans where Lens picks one by the width of the screen, and a share as the two counts that it is made of.
"""

from shipper.kibana.asking.answer import Row, rows_of
from shipper.kibana.asking.board import Question, questions

__all__ = ["Question", "Row", "questions", "rows_of"]
