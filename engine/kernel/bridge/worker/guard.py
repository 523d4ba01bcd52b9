"""Decides when SIGINT may raise KeyboardInterrupt, and where it must wait.

A signal handler of Python runs between any two bytecodes of the main thread.
Raised in the middle of a frame on the pipe it would tear the frame, raised
while no cell runs it would end the worker. So the handler raises only while a
cell runs and no `hold` is open; else it is remembered or dropped.
"""
import signal
import sys
from _thread import get_ident, start_new_thread

IDLE, ARMED, RUNNING = 0, 1, 2


class Guard:
    def __init__(self):
        self.main = get_ident()
        self.phase = IDLE
        self.held = 0
        self.pending = False
        self.cell = 0  # counts cells
        self.sent = 0  # signals that we were told of
        self.seen = 0  # how many of them reached on_signal

    def install(self):
        signal.signal(signal.SIGINT, self.on_signal)
        self.unraisable, sys.unraisablehook = sys.unraisablehook, self.on_unraisable

    def on_signal(self, signum, frame):
        self.seen = max(self.seen, self.sent) + 1
        if self.phase == IDLE:
            return
        if self.phase == ARMED or self.held:
            self.pending = True
            return
        self.pending = False
        raise KeyboardInterrupt

    def told(self):
        """A signal was sent to the cell that runs now: makes sure that it is heeded.

        One that comes between the last bytecode and a blocking system call does not
        end the call. Sent once more to the main thread, it does.
        """
        self.sent += 1
        if self.phase != IDLE:
            start_new_thread(self.ensure, (self.sent, self.cell))

    def ensure(self, sent, cell):
        import time
        time.sleep(0.02)
        if self.seen >= sent or self.cell != cell or self.phase != RUNNING:
            return
        self.seen = sent  # two signals at once are one to Python: none is missing
        if signal.getsignal(signal.SIGINT) == self.on_signal:
            signal.pthread_kill(self.main, signal.SIGINT)

    def on_unraisable(self, info):
        """KeyboardInterrupt met a finaliser, which swallows it: the signal is sent again."""
        if info.exc_type is KeyboardInterrupt and self.phase != IDLE:
            start_new_thread(self.again, ())
        else:
            self.unraisable(info)

    def again(self):
        import os
        import time
        time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    def arm(self):
        """From here on an interrupt is meant for the cell that is about to run."""
        self.pending = False
        self.cell += 1
        self.seen = self.sent
        self.phase = ARMED

    def begin(self):
        self.phase = RUNNING
        self.check()

    def end(self):
        self.phase = IDLE
        self.pending = False

    def check(self):
        """Raises the interrupt that arrived while it was not allowed to."""
        if self.pending and self.phase == RUNNING and not self.held:
            self.pending = False
            raise KeyboardInterrupt

    def hold(self):
        """Puts interrupts off in the main thread; True when `release` is due."""
        if get_ident() != self.main:
            return False
        self.held += 1
        return True

    def release(self):
        self.held -= 1
        if self.pending:
            self.check()
