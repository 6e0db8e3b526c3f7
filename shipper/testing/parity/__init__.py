"""A corpus in which every rule has something to find, and what each target finds in it. SYNTHETIC throughout.

`corpus` is 50,000 documents and more of the shipper's own form: twelve days of six servers, three shippers'
heartbeats, and for each rule documents that must raise it (``fires``) or just must not (near misses). `oracle` reads
the meaning of a rule off ``shipper.rules.model`` once more, by other means than the shipper. `kibana` runs a compiled
rule in a real Elasticsearch as Kibana would.
"""

from shipper.testing.parity.corpus import Corpus, build_corpus
from shipper.testing.parity.documents import Kept
from shipper.testing.parity.oracle import Oracle
from shipper.testing.parity.scenes import Plant

__all__ = ["Corpus", "Kept", "Oracle", "Plant", "build_corpus"]
