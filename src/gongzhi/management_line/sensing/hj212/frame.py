"""A byte stream cut into frames: `##`, four digits, data segment, four hex digits, CR LF (HJ 212-2017, 6.3).

TCP cuts and glues, devices send junk and wrong lengths. Where a frame ends depends on the bytes alone, never on how
they were cut into chunks: it ends where it said it would, if the bytes there look like an end; else at the first CR LF
or at the head of the next frame. Memory is bounded by the longest frame that four digits can declare.
"""

import re
from typing import NamedTuple

LONGEST_SEGMENT = 9999  # four digits cannot declare more; the standard's own 1024 is broken by real devices
_LONGEST_FRAME = 6 + LONGEST_SEGMENT + 4
_HEX4 = re.compile(rb"[0-9A-Fa-f]{4}")
_HEAD = re.compile(rb"##[0-9]{4}")
_STOP = re.compile(rb"\r\n|##[0-9]{4}")


class Frame(NamedTuple):
    """One frame as it was cut out. `whole` says that it ended where its own length said."""

    offset: int  # of its first # in the stream
    declared: int  # bytes of data segment, as it says
    segment: bytes  # the data segment as found
    given: bytes  # the four hex digits behind it, or b"" when there are none
    whole: bool

    @property
    def raw(self) -> bytes:
        """Return the frame's bytes without the CR LF."""
        return b"##%04d" % self.declared + self.segment + self.given


class Framer:
    """Takes chunks, gives frames. One per connection.

    `junk` counts the bytes that lay between frames (CR LF not counted), `sample` keeps the latest 200 of them.
    """

    __slots__ = ("_buffer", "_offset", "junk", "sample")

    def __init__(self) -> None:
        self._buffer = b""
        self._offset = 0  # of the buffer's first byte in the stream
        self.junk = 0
        self.sample = b""

    @property
    def waiting(self) -> int:
        """Return how many bytes are held back for their frame's end."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that end in this chunk."""
        return self._cut(self._buffer + chunk if self._buffer else chunk, final=False)

    def finish(self) -> list[Frame]:
        """Return what is left at the end of the stream: frames that were cut off count as such."""
        return self._cut(self._buffer, final=True)

    def _cut(self, buffer: bytes, *, final: bool) -> list[Frame]:
        frames: list[Frame] = []
        position, size = 0, len(buffer)
        while position < size:
            head = position if _HEAD.match(buffer, position) else self._next_head(buffer, position, final=final)
            if head > position:
                self._skip(buffer[position:head])
                position = head
            if size - position < 6:
                break
            frame, end = self._one(buffer, position, final=final)
            if frame is None:
                break
            frames.append(frame)
            position = end
        if final and position < size:
            self._skip(buffer[position:])
            position = size
        self._buffer = buffer[position:] if position else buffer
        self._offset += position
        return frames

    @staticmethod
    def _next_head(buffer: bytes, position: int, *, final: bool) -> int:
        """Return where the next frame begins, or how far the buffer surely holds none."""
        found = _HEAD.search(buffer, position)
        if found:
            return found.start()
        if final:
            return len(buffer)
        # what could still become a head: a # or ## with up to three digits at the very end
        for keep in range(min(5, len(buffer) - position), 0, -1):
            tail = buffer[-keep:]
            if (tail[:2] == b"##" and (keep == 2 or tail[2:].isdigit())) or tail == b"#":
                return len(buffer) - keep
        return len(buffer)

    def _one(self, buffer: bytes, start: int, *, final: bool) -> tuple[Frame | None, int]:
        """Cut the frame whose head is at `start`; return (None, start) when its end has not come yet."""
        declared = int(buffer[start + 2 : start + 6])
        body = start + 6
        due = body + declared
        end = due + 4
        size = len(buffer)
        stop = _STOP.search(buffer, body, min(end, size))
        if stop is None:
            if size < end and not final:
                return None, start
            if size >= end and _HEX4.match(buffer, due):
                after = buffer[end : end + 2]
                if after == b"\r\n":
                    return self._frame(start, declared, buffer[body:due], buffer[due:end], True), end + 2
                if buffer[due - 2 : due] == b"&&" or after == b"##" or (final and not after):
                    return self._frame(start, declared, buffer[body:due], buffer[due:end], True), end
                if len(after) < 2 and not final:
                    return None, start
            # it does not end where it said: look for the end it has
            stop = _STOP.search(buffer, body, start + _LONGEST_FRAME + 2)
            if stop is None:
                if size < start + _LONGEST_FRAME + 2 and not final:
                    return None, start
                cut = min(size, start + _LONGEST_FRAME)
                return self._torn(buffer, start, declared, cut), cut
        cut = stop.start()
        return self._torn(buffer, start, declared, cut), stop.end() if stop.group() == b"\r\n" else cut

    def _torn(self, buffer: bytes, start: int, declared: int, cut: int) -> Frame:
        body = start + 6
        if cut - body >= 4 and _HEX4.match(buffer, cut - 4):
            segment, given = buffer[body : cut - 4], buffer[cut - 4 : cut]
        else:
            segment, given = buffer[body:cut], b""
        return self._frame(start, declared, segment, given, len(segment) == declared and bool(given))

    def _frame(self, start: int, declared: int, segment: bytes, given: bytes, whole: bool) -> Frame:
        return Frame(self._offset + start, declared, segment, given, whole)

    def _skip(self, junk: bytes) -> None:
        kept = junk.strip(b"\r\n")
        if kept:
            self.junk += len(kept)
            self.sample = kept[-200:]
