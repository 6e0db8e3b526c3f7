"""From inputs, or a data stream, to the portions that a report is made of."""

from collections.abc import Iterator, Sequence

import msgspec

from shipper.audit.point_in_time import PointInTime
from shipper.model import Document, Unit
from shipper.pipeline.preparation import Prepared, Recipe, prepare
from shipper.report import Period, Portion, Sifter, Slim
from shipper.rules.model import Rule

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Slim)


class SiftingRecipe(Recipe, frozen=True):
    """A recipe whose documents have slim rows as their bodies, so that little goes from process to process.

    A body is MessagePack of ``Slim``; empty for a document outside the period.
    """

    rules: tuple[Rule, ...] = ()
    period: Period = Period()

    def prepare(self, unit: Unit) -> Iterator[Prepared]:
        """Yield one ``Prepared`` for each batch of ``unit``."""
        sifter = Sifter(self.rules, self.period)
        for prepared in super().prepare(unit):
            yield msgspec.structs.replace(
                prepared, documents=[_sifted(document, sifter) for document in prepared.documents]
            )


def _sifted(document: Document, sifter: Sifter) -> Document:
    row = sifter.row(document.id, document.body)
    return Document(document.id, "", _ENCODER.encode(row) if isinstance(row, Slim) else b"", -1, document.position)


def sift_events(recipe: SiftingRecipe, workers: int) -> Iterator[Portion]:
    """Yield what logs and streams of events hold, in order.

    Raises:
        SourceError: the only input cannot be read.
    """
    for prepared in prepare(recipe, workers):
        rows = [_DECODER.decode(document.body) for document in prepared.documents if document.body]
        yield Portion(
            rows,
            outside=len(prepared.documents) - len(rows),
            filtered=prepared.filtered,
            skipped=prepared.skipped,
            problems=prepared.problems,
            size_bytes=prepared.size_bytes,
        )


def sift_data_stream(point: PointInTime, fields: Sequence[str], sifter: Sifter, period: Period) -> Iterator[Portion]:
    """Yield what a data stream holds at a moment, page by page.

    Raises:
        SinkError: Elasticsearch cannot be reached, or does not answer in full.
    """
    bounds = {"gte": period.since_ms, "lt": period.until_ms, "format": "epoch_millis"}
    said = {name: bound for name, bound in bounds.items() if bound is not None}
    query = {"range": {"@timestamp": said}} if len(said) > 1 else {"match_all": {}}
    for hits in point.pages(query, fields):
        yield sifter.rows((hit.id, bytes(hit.source)) for hit in hits)
