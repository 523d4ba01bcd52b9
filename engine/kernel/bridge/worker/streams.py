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
from json.encoder import encode_basestring as quote

GATHER = 0.03  # seconds
MANY = 64 * 1024  # characters
BURST = 200  # writes between two visits of the flusher, after which text may gather


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
        self.sinks = []
        self.pushing = False  # a text layer is flushed by us: nothing is to be sent for it
        self.taps = []  # %%capture: streams of our own main thread go there instead

    def start(self):
        start_new_thread(self.flusher, ())

    def flusher(self):
        while True:
            self.wake.acquire()
            time.sleep(GATHER)
            self.scheduled = False
            self.push()
            self.flush()

    def push(self):
        for sink in self.sinks:
            sink.push()

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
            # Text is UTF-8 clean here, and a dict would be encoded at three times the cost.
            content = '{"name":"%s","text":%s}' % (name, quote(text))
            self.link.send(b"iopub", "stream", content.encode("utf-8", "backslashreplace"), parent)

    def settle(self, sink=None):
        """All that was written so far, by anyone, is on its way when this returns."""
        if sink is None:
            self.push()
        if self.capture is not None:
            self.capture.drain()
        self.scheduled = False  # an interrupt may have come between setting it and waking the flusher
        self.flush()

    def after_fork(self):
        """In a forked child: lines go to the descriptors, which the parent reads."""
        self.forked = True
        self.threads, self.taps, self.capture = {}, [], None
        for sink in self.sinks:
            sink.reconfigure(line_buffering=True, write_through=False)
        self.pieces.clear()
        self.lock = RLock()


class Sink(io.BufferedIOBase):
    """What lies below sys.stdout or sys.stderr: bytes in UTF-8, which join the queue.

    Normally every write comes through at once, so that it keeps its place among
    what C code and commands write. A loop that prints very much is let to gather
    in the text layer, which is C code, until the flusher comes by.
    """

    def __init__(self, hub, name, fd):
        self.hub = hub
        self.stream = "<%s>" % name
        self.label = name
        self.fd = fd
        self.decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
        self.text = io.TextIOWrapper(self, "utf-8", "backslashreplace", newline="\n", write_through=True)
        self.writes = 0  # since the flusher was here
        self.gathering = False

    @property
    def name(self):
        return self.stream

    def write(self, data):
        hub = self.hub
        if hub.forked:
            direct(self.fd, data)
            return len(data)
        if hub.sinks[0].gathering and self is not hub.sinks[0]:
            hub.push()  # stdout was before stderr
        if hub.capture is not None:
            hub.capture.drain()  # what C code or a child wrote before us comes before us
        text = self.decode(data)
        if hub.taps and get_ident() == hub.main:
            hub.taps[-1](self.label, text)
        elif text:
            hub.write(self.label, text)
        self.writes += 1
        if self.writes > BURST and not self.gathering and not hub.threads and not hub.taps and self.label == "stdout":
            self.gather(True)
        return len(data)

    def gather(self, on):
        """Lets text gather, or lets every write through again."""
        self.writes = 0
        if on != self.gathering:
            self.gathering = on
            self.reconfigure(write_through=not on)

    def push(self):
        """Brings what has gathered into the queue."""
        if self.gathering:
            self.gather(False)

    def reconfigure(self, **options):
        self.hub.pushing = True
        try:
            self.text.reconfigure(**options)
        except ValueError:  # user code detached the text layer
            pass
        finally:
            self.hub.pushing = False

    def flush(self):
        if not self.hub.forked and not self.hub.pushing:
            self.hub.settle(self)

    def fileno(self):
        return self.fd

    def isatty(self):
        return False

    def writable(self):
        return True

    def close(self):
        """The streams outlive user code that closes them."""


def direct(fd, data):
    """Writes to the descriptor itself: in a forked child, whose parent reads it."""
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
        """Takes what lies in the pipes now."""
        held = self.hub.guard.hold()
        try:
            with self.lock:  # a poll object serves one thread at a time
                for fd, _ in self.now.poll(0):
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
    hub.sinks = [Sink(hub, "stdout", 1), Sink(hub, "stderr", 2)]
    sys.stdout, sys.stderr = hub.sinks[0].text, hub.sinks[1].text
