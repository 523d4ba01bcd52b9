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

    def install(self):
        signal.signal(signal.SIGINT, self.on_signal)
        self.unraisable, sys.unraisablehook = sys.unraisablehook, self.on_unraisable

    def on_signal(self, signum, frame):
        if self.phase == IDLE:
            return
        if self.phase == ARMED or self.held:
            self.pending = True
            return
        self.pending = False
        raise KeyboardInterrupt

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
