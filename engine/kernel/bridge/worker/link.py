"""Jupyter messages over two pipes.

A frame is little-endian: u32 length of what follows, u32 number of parts, a
u32 length for each part, the parts. They are: channel, header, parent header,
metadata, content, then the binary buffers. Headers of requests are kept as the
bytes that came, because they go back unchanged as parent headers.
"""
import json
import os
import time
from _thread import RLock
from struct import Struct

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode


def dumps(content):
    """The content as JSON bytes; values JSON has no word for are made fit."""
    try:
        text = encode(content)
    except (TypeError, ValueError, RecursionError, KeyError):
        text = json.dumps(clean(content), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate becomes its own JSON escape, which is valid JSON.
        return text.encode("utf-8", "backslashreplace")


def clean(value, depth=0):
    """A copy of value made of JSON's own types, as jupyter_client's json_clean makes it."""
    if depth > 200:
        return repr(type(value))
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if value == value and value not in (float("inf"), float("-inf")) else repr(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        from binascii import b2a_base64
        return b2a_base64(bytes(value), newline=False).decode("ascii")
    if isinstance(value, dict):
        return {str(key): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [clean(item, depth + 1) for item in value]
    for kind, convert in (("__int__", int), ("__float__", float)):
        if hasattr(type(value), kind) and hasattr(type(value), "dtype"):
            return clean(convert(value), depth + 1)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return repr(value)


class Request:
    """One message from Go."""

    __slots__ = ("channel", "header", "parent", "metadata", "content", "buffers")

    def __init__(self, parts):
        self.channel = parts[0].decode()
        self.parent = parts[1]  # what answers to this one carry as parent_header
        self.header = json.loads(parts[1])
        self.metadata = parts[3]
        self.content = json.loads(parts[4])
        self.buffers = parts[5:]

    @property
    def type(self):
        return self.header.get("msg_type", "")


class Link:
    """Both pipes. `send` may be called from any thread and from signal handlers."""

    def __init__(self, requests, out, guard, session):
        self.requests = requests
        self.out = out
        self.guard = guard
        self.session = session
        self.lock = RLock()
        self.sending = False
        self.deferred = []
        self.count = 0
        self.second = -1
        self.date = ""
        self.open = True

    def receive(self):
        """The next request, or None when Go has closed its end."""
        head = self.requests.read(4)
        if len(head) < 4:
            return None
        body = self.requests.read(int.from_bytes(head, "little"))
        number = int.from_bytes(body[:4], "little")
        at = 4 + 4 * number
        parts = []
        for i in range(number):
            length = int.from_bytes(body[4 + 4 * i:8 + 4 * i], "little")
            parts.append(body[at:at + length])
            at += length
        return Request(parts)

    def header(self, kind):
        now = time.time()
        second = int(now)
        if second != self.second:
            self.second, self.date = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        self.count += 1
        return ('{"msg_id":"%s_%d","session":"%s","username":"kernel","date":"%s.%06dZ","msg_type":"%s","version":"5.3"}' % (
            self.session, self.count, self.session, self.date, (now - second) * 1e6, kind)).encode()

    def send(self, channel, kind, content, parent=b"{}", metadata=None, buffers=()):
        """Content is a JSON value, or bytes that are JSON already."""
        if content.__class__ is not bytes:
            content = dumps(content)
        held = self.guard.hold()
        try:
            with self.lock:
                parts = [channel, self.header(kind), parent, dumps(metadata) if metadata else b"{}", content]
                parts.extend(buffers)
                frame = pack(parts)
                if self.sending:  # a signal handler or a finaliser prints inside our own write
                    self.deferred.append(frame)
                    return
                self.sending = True
                try:
                    self.write(frame)
                    while self.deferred:
                        self.write(self.deferred.pop(0))
                finally:
                    self.sending = False
        finally:
            if held:
                self.guard.release()

    def write(self, frame):
        if not self.open:
            return
        try:
            done = os.write(self.out, frame)
            if done < len(frame):
                view = memoryview(frame)
                while done < len(frame):
                    done += os.write(self.out, view[done:])
        except OSError:
            self.open = False  # Go is gone; the reader thread ends the worker

    def after_fork(self):
        """In a forked child: the pipes belong to the parent."""
        self.open = False
        self.lock = RLock()
        self.sending = False


heads = {5: Struct("<7I").pack}  # number of parts -> packer of a frame's head


def pack(parts):
    number = len(parts)
    head = heads.get(number)
    if head is None:
        head = heads[number] = Struct("<%dI" % (number + 2)).pack
    sizes = [len(part) for part in parts]
    return b"".join([head(4 + 4 * number + sum(sizes), number, *sizes), *parts])
