"""A look into a log that is being written to: which slots can be read now, and up to which record."""

import zlib
from collections.abc import Mapping

import msgspec

from shipper.model import EVERY_RECORD
from shipper.sources.evtx.archives import live_log_of
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES, FIRST_RECORD_OFFSET, parse_chunk_header
from shipper.sources.evtx.live import Settling, is_complete, is_verified, sound_frames
from shipper.sources.evtx.plan import LogPlan
from shipper.sources.evtx.pulse import TAIL_BYTES
from shipper.sources.evtx.resume import Resumption
from shipper.sources.evtx.survey import SlotHead
from shipper.sources.evtx.walker import RECORD_MAGIC, Walk, walk_chunk

#: Of the number, in the header of a record.
_NUMBER_OFFSET = 8
#: So many times as long as others a chunk must stay the same that seems to be just begun.
_BEGUN_TIMES = 20


class Examination(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        readable: the resumption of the plan, with the slots that can be read as those of a live log.
        until: records up to this number may be believed without a checksum; -1 for none.
        damaged: slots that no checksum covers, or that tell no number, and that stay as they are: they are read as
            those of a damaged log. Each with a checksum of its bytes.
        newest: number of the newest record, believed or not; -1 where there is none.
        newest_slot, end_offset: where it stands, and where it ends in its slot.
        tail: what stood behind it when it was read.
        pending: there is something that cannot be believed yet.
    """

    readable: Resumption
    until: int
    damaged: tuple[tuple[SlotHead, int], ...]
    newest: int
    newest_slot: int
    end_offset: int
    tail: bytes
    pending: bool


def examine(
    log: LogFile, plan: LogPlan, settling: Settling, done: Mapping[int, int], *, must_have_cursor: bool
) -> Examination:
    """Look at the slots of a plan on which reading depends: the first that are not behind, and the newest.

    Args:
        log: the open log.
        plan: what is to be read of it.
        settling: what earlier looks have seen.
        done: checksums of damaged slots that have been read as they are, by slot.
        must_have_cursor: a slot is read although all in it is behind, so that the log gets a cursor of its own.

    Raises:
        SourceError: the log cannot be read.
    """
    return _Examiner(log, plan, settling, done, must_have_cursor=must_have_cursor).examine()


class _Slot(msgspec.Struct, frozen=True):
    """A slot's bytes and what stands in them.

    Attributes:
        covered: records that begin before this offset are covered by the checksum; 0 where none is.
        whole: all its header tells of can be believed, were it not the newest.
    """

    data: bytearray
    walk: Walk
    covered: int
    whole: bool


class _Examiner:
    def __init__(
        self, log: LogFile, plan: LogPlan, settling: Settling, done: Mapping[int, int], *, must_have_cursor: bool
    ) -> None:
        self._log = log
        self._plan = plan
        self._settling = settling
        self._done = done
        self._must_have_cursor = must_have_cursor
        self._after = plan.resumption.after
        told = [head for head in plan.survey.numbered if head.last >= 0]
        #: The chunk that is being written to: an archive has none.
        self._newest = told[-1] if told and live_log_of(plan.path) is None else None
        self._readable: list[SlotHead] = []
        self._damaged: list[tuple[SlotHead, int]] = []
        self._number = max(told[-1].last, self._after) if told else -1
        self._until, self._end_offset, self._pending = EVERY_RECORD, FIRST_RECORD_OFFSET, False
        self._slots: dict[int, _Slot] = {}

    def examine(self) -> Examination:
        slots = self._plan.resumption.slots
        self._sort([head for head in slots if head.first >= 0 and self._is_ahead(head)])
        for head in self._plan.survey.heads:  # wherever reading has got to: such a slot has no place in the order
            if head.first < 0 and (head.used or self._is_passed(head)):
                self._take_damaged(head)
        return Examination(
            msgspec.structs.replace(self._plan.resumption, slots=tuple(self._readable)),
            self._until,
            tuple(self._damaged),
            self._number,
            self._newest.slot if self._newest is not None else 0,
            self._end_offset,
            self._tail_of(self._newest) if self._newest is not None else b"",
            self._pending,
        )

    def _tail_of(self, newest: SlotHead) -> bytes:
        return bytes(self._read(newest).data[self._end_offset : self._end_offset + TAIL_BYTES])

    def _is_passed(self, head: SlotHead) -> bool:
        """Say whether a slot that begins with zeros has been in use: those allocated ahead stand behind all others."""
        last = max((each.slot for each in self._plan.survey.numbered), default=-1)
        return head.slot < last and any(self._read(head).data)

    def _is_ahead(self, head: SlotHead) -> bool:
        """Say whether a slot may hold something that is not behind; of the newest the header does not know."""
        if head.last < 0:
            return head.used
        return head is self._newest or head.last > self._after or self._must_have_cursor

    def _sort(self, ahead: list[SlotHead]) -> None:
        """Sort the slots that are ahead into what can be read, what is damaged, and what has to wait: in their order.

        What comes behind the first slot that is whole is looked at when it is read: reading ends at a slot that is not
        whole, and in the next pass that one is the first.
        """
        for index, head in enumerate(ahead):
            if head is not self._newest and self._read(head).whole:
                self._read_on(ahead[index:])
                return
            if head is self._newest:
                self._sort_newest(head)
            elif not self._take_damaged(head):
                self._let_settle(ahead[index + 1 :])
            if self._pending or self._readable:
                self._pending |= index + 1 < len(ahead)
                return

    def _let_settle(self, ahead: list[SlotHead]) -> None:
        """Look at the damaged slots that follow one that has to wait, so that they settle meanwhile."""
        for head in ahead:
            if head is self._newest or self._read(head).whole:
                return
            self._settling.is_settled(head.slot, self._read(head).data)

    def _read_on(self, ahead: list[SlotHead]) -> None:
        for head in ahead:
            if head.last < 0:
                self._pending = True
                return
            if head is self._newest:
                self._sort_newest(head)
                self._pending |= head is not ahead[-1]
                return
            self._readable.append(head)

    def _take_damaged(self, head: SlotHead) -> bool:
        """Take a slot as damaged that stays as it is; say whether it is done with: it may be being written just now."""
        # The next record of all, in a chunk whose header is still to come, or never will.
        times = _BEGUN_TIMES if self._newest is not None and head.begun == self._number + 1 else 1
        data = self._read(head).data
        crc = zlib.crc32(data)
        if self._done.get(head.slot) == crc:
            return True
        if not self._settling.is_settled(head.slot, data, times):
            self._pending = True
            return False
        self._damaged.append((head, crc))
        return True

    def _sort_newest(self, head: SlotHead) -> None:
        slot = self._read(head)
        frames = slot.walk.frames
        if frames:
            self._number, self._end_offset = frames[-1].number, frames[-1].offset + frames[-1].size_bytes
        ahead = [frame for frame in frames if frame.number > self._after]
        if ahead and not slot.covered and len(sound_frames(slot.walk)) < len(frames):
            if self._readable:
                self._pending = True  # those before it go first
            else:
                self._take_damaged(head)
            return
        until = self._settling.until(head.slot, slot.data, slot.walk, slot.covered, self._after)
        believed = [frame for frame in ahead if frame.offset < slot.covered or frame.number <= until]
        is_begun = self._begins_at(slot.data, self._end_offset, self._number + 1)
        self._pending |= len(believed) < len(ahead) or is_begun or bool(slot.walk.gaps and not slot.covered)
        if believed or self._must_have_cursor:
            self._readable.append(head)
            self._until = until

    @staticmethod
    def _begins_at(data: bytearray, offset: int, number: int) -> bool:
        """Say whether the header of a record stands at an offset; behind the newest there may be older ones."""
        magic = data.startswith(RECORD_MAGIC, offset)
        return magic and int.from_bytes(data[offset + _NUMBER_OFFSET : offset + _NUMBER_OFFSET + 8], "little") == number

    def _read(self, head: SlotHead) -> _Slot:
        if head.slot not in self._slots:
            data = bytearray(CHUNK_BYTES)
            size_bytes = self._log.read_slots(head.slot, memoryview(data))
            header = parse_chunk_header(data)
            walk = walk_chunk(data, header, size_bytes)
            covered = header.free_offset if header is not None and is_verified(data, header) else 0
            self._slots[head.slot] = _Slot(data, walk, covered, bool(covered) or is_complete(walk, header))
        return self._slots[head.slot]
