"""What a cell prints: sys.stdout, sys.stderr and the two file descriptors.

Text waits in one queue for both streams, so their order is kept, and goes out
when a cell ends, on flush, when much has gathered, or 30 ms after the first
piece. What processes and C code write to descriptors 1 and 2 lands in pipes
whose reading ends we own; it joins the same queue.
"""
import codecs
import io
import os
import select
import sys
import time
from _thread import RLock, allocate_lock, get_ident, start_new_thread
from _collections import deque

GATHER = 0.03  # seconds
MANY = 64 * 1024  # characters


class Hub:
    """The queue of printed text, each piece with the request it belongs to."""

    def __init__(self, link, guard):
        self.link = link
        self.guard = guard
        self.main = get_ident()
        self.parent = b"{}"  # header of the cell that runs, or ran last
        self.threads = {}  # thread ident -> parent of the cell that started it
        self.pieces = deque()
        self.size = 0
        self.lock = RLock()
        self.scheduled = False
        self.wake = allocate_lock()
        self.wake.acquire()
        self.forked = False
        self.capture = None
        self.taps = []  # %%capture: streams of our own main thread go there instead

    def start(self):
        start_new_thread(self.flusher, ())

    def flusher(self):
        while True:
            self.wake.acquire()
            time.sleep(GATHER)
            self.scheduled = False
            self.flush()

    def current(self):
        """The parent header for what this thread says now."""
        if not self.threads:
            return self.parent
        ident = get_ident()
        return self.parent if ident == self.main else self.threads.get(ident, self.parent)

    def write(self, name, text, parent=None):
        self.pieces.append((parent or self.current(), name, text))
        self.size += len(text)
        if self.size > MANY:
            self.flush()
        elif not self.scheduled:
            self.scheduled = True
            try:
                self.wake.release()
            except RuntimeError:  # two threads woke it at once
                pass

    def flush(self):
        if not self.pieces:
            return
        held = self.guard.hold()
        try:
            with self.lock:
                self.size = 0
                parent = name = None
                texts = []
                while True:
                    try:
                        piece = self.pieces.popleft()
                    except IndexError:
                        break
                    if piece[1] != name or piece[0] != parent:
                        self.emit(parent, name, texts)
                        parent, name = piece[0], piece[1]
                        texts = []
                    texts.append(piece[2])
                self.emit(parent, name, texts)
        finally:
            if held:
                self.guard.release()

    def emit(self, parent, name, texts):
        text = "".join(texts)
        if text:
            self.link.send(b"iopub", "stream", {"name": name, "text": text}, parent)

    def settle(self):
        """All that was written so far, by anyone, is on its way when this returns."""
        if self.capture is not None:
            self.capture.drain()
        self.scheduled = False  # an interrupt may have come between setting it and waking the flusher
        self.flush()

    def after_fork(self):
        self.forked = True
        self.pieces.clear()
        self.lock = RLock()


class OutStream(io.TextIOBase):
    """sys.stdout or sys.stderr of user code."""

    encoding = "UTF-8"
    errors = "backslashreplace"
    newlines = None
    line_buffering = False
    write_through = False
    mode = "w"

    def __init__(self, hub, name, fd):
        self.hub = hub
        self._name = name
        self.fd = fd
        self.buffer = Bytes(self)
        self.writes = 0

    @property
    def name(self):
        return "<%s>" % self._name

    def write(self, text):
        if text.__class__ is not str and not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        hub = self.hub
        if hub.forked:
            direct(self.fd, text)
        elif hub.taps and get_ident() == hub.main:
            hub.taps[-1](self._name, text)
        else:
            if hub.capture is not None and not hub.pieces:
                hub.capture.drain()  # what C code or a child wrote before us comes before us
            hub.write(self._name, str(text))
        return len(text)

    def flush(self):
        if not self.hub.forked:
            self.hub.settle()

    def fileno(self):
        return self.fd

    def isatty(self):
        return False

    def writable(self):
        return True

    def close(self):
        self.flush()

    def reconfigure(self, **options):
        """Accepted for the sake of scripts that set an encoding; text stays text."""


class Bytes(io.BufferedIOBase):
    """sys.stdout.buffer: bytes are taken as UTF-8."""

    def __init__(self, stream):
        self.stream = stream
        self.decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode

    def write(self, data):
        data = bytes(data)
        text = self.decode(data)
        if text:
            self.stream.write(text)
        return len(data)

    def flush(self):
        self.stream.flush()

    def writable(self):
        return True

    def fileno(self):
        return self.stream.fd

    def close(self):
        pass


def direct(fd, text):
    """Writes to the descriptor itself: in a forked child, whose parent reads it."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(fd, data):]
    except OSError:
        pass


class Capture:
    """Reads what is written to descriptors 1 and 2 themselves."""

    def __init__(self, hub, pipes):
        self.hub = hub
        self.lock = RLock()
        self.now = select.poll()
        self.sources = {}
        for fd, name in pipes:
            os.set_blocking(fd, False)
            enlarge(fd)
            self.now.register(fd, select.POLLIN)
            self.sources[fd] = (name, codecs.getincrementaldecoder("utf-8")("backslashreplace").decode)

    def start(self):
        start_new_thread(self.reader, ())

    def reader(self):
        later = select.poll()
        for fd in self.sources:
            later.register(fd, select.POLLIN)
        while True:
            for fd, events in later.poll():
                if not events & select.POLLIN:  # user code closed every writing end
                    later.unregister(fd)
            self.drain()

    def drain(self):
        if not self.now.poll(0):
            return
        held = self.hub.guard.hold()
        try:
            with self.lock:
                for fd in self.sources:
                    self.read(fd)
        finally:
            if held:
                self.hub.guard.release()

    def read(self, fd):
        name, decode = self.sources[fd]
        for _ in range(64):  # a child that never stops writing must not keep us here
            try:
                data = os.read(fd, 65536)
            except OSError:
                return
            if not data:
                return
            text = decode(data)
            if text and self.hub.taps:
                self.hub.taps[-1](name, text)
            elif text:
                self.hub.write(name, text, self.hub.parent)


def enlarge(fd):
    """More room, so that C code printing with the interpreter locked does not block soon."""
    try:
        import fcntl
        fcntl.fcntl(fd, 1031, 1 << 20)  # F_SETPIPE_SZ
    except (ImportError, OSError):
        pass


def install(hub):
    sys.stdout = OutStream(hub, "stdout", 1)
    sys.stderr = OutStream(hub, "stderr", 2)
