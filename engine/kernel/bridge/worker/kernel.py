"""The kernel's three loops: main thread, reader thread, and what each answers.

The main thread runs cells and comm callbacks, one request after another. The
reader thread takes every frame off the pipe and answers at once what must work
while a cell runs: control, completion, inspection, replies to input().
"""
import faulthandler
import os
from _queue import SimpleQueue
from _thread import start_new_thread, get_ident

from .guard import Guard
from .link import Link
from .streams import Capture, Hub, install

REQUESTS, REPLIES, STDOUT, STDERR = 3, 4, 5, 6  # descriptors that Go gives us
MAIN = ("execute_request", "comm_open", "comm_msg", "comm_close")


class Kernel:
    """One worker: it owns the pipes, the streams and the shell."""

    def __init__(self, requests):
        self.guard = Guard()
        self.link = Link(requests, REPLIES, self.guard, os.urandom(8).hex())
        self.hub = Hub(self.link, self.guard)
        self.inbox = SimpleQueue()
        self.replies = SimpleQueue()
        self.pid = os.getpid()
        self.running = None  # the execute request that runs
        self.payload = []
        self.ending = False
        self.comms = None
        self.answers = {
            "kernel_info_request": self.kernel_info, "complete_request": self.complete,
            "inspect_request": self.inspect, "is_complete_request": self.is_complete,
            "comm_info_request": self.comm_info, "history_request": self.history,
            "interrupt_request": self.interrupt, "shutdown_request": self.shutdown,
        }

    def start(self):
        for fd in (REQUESTS, REPLIES, STDOUT, STDERR):
            os.set_inheritable(fd, False)
        os.register_at_fork(before=self.hub.push, after_in_child=self.after_fork)
        install(self.hub)
        from . import shim
        from .shell import Shell
        shim.attach(self)
        self.shell = Shell(self)
        faulthandler.enable(2)  # a crash in C code says where
        self.guard.install()
        self.hub.capture = Capture(self.hub, ((STDOUT, "stdout"), (STDERR, "stderr")))
        self.hub.capture.start()
        self.hub.start()
        self.publish("status", {"execution_state": "starting"}, b"{}")
        start_new_thread(self.read, ())

    def after_fork(self):
        self.link.after_fork()
        self.hub.after_fork()
        for fd in (REQUESTS, REPLIES, STDOUT, STDERR):
            try:
                os.close(fd)
            except OSError:
                pass

    # -- saying things

    def publish(self, kind, content, parent=None, metadata=None, buffers=()):
        """Sends on iopub, after all that was printed before."""
        self.hub.push()
        self.hub.flush()
        self.link.send(b"iopub", kind, content, self.hub.current() if parent is None else parent, metadata, buffers)

    def reply(self, request, kind, content, metadata=None):
        self.link.send(request.channel.encode(), kind, content, request.parent, metadata)

    def status(self, state, parent):
        self.link.send(b"iopub", "status", {"execution_state": state}, parent)

    # -- reader thread

    def read(self):
        while True:
            request = self.link.receive()
            if request is None:
                self.leave()
                return
            kind = request.type
            if kind == "nbterm_interrupted":  # Go has sent SIGINT
                self.guard.told()
            elif kind == "input_reply":
                self.replies.put(request.content.get("value", ""))
            elif kind in MAIN:
                self.inbox.put(request)
            else:
                self.answer(request)

    def answer(self, request):
        handler = self.answers.get(request.type)
        if handler is None:
            return
        self.status("busy", request.parent)
        try:
            handler(request)
        except BaseException as error:  # user objects may raise anything when looked at
            self.reply(request, request.type.replace("_request", "_reply"), {
                "status": "error", "ename": type(error).__name__, "evalue": text_of(error), "traceback": []})
        self.status("idle", request.parent)

    def kernel_info(self, request):
        from .info import kernel_info
        self.reply(request, "kernel_info_reply", kernel_info())

    def complete(self, request):
        from .completion import complete
        self.reply(request, "complete_reply", complete(self.shell, request.content))

    def inspect(self, request):
        from .inspection import inspect_reply
        self.reply(request, "inspect_reply", inspect_reply(self.shell, request.content))

    def is_complete(self, request):
        from .syntax import is_complete
        self.reply(request, "is_complete_reply", is_complete(self.shell, request.content.get("code", "")))

    def comm_info(self, request):
        comms = self.comms.info(request.content.get("target_name")) if self.comms else {}
        self.reply(request, "comm_info_reply", {"status": "ok", "comms": comms})

    def history(self, request):
        self.reply(request, "history_reply", {"status": "ok", "history": self.shell.history(request.content)})

    def interrupt(self, request):
        import signal
        self.reply(request, "interrupt_reply", {"status": "ok"})
        os.killpg(os.getpgrp(), signal.SIGINT)
        self.guard.told()

    def shutdown(self, request):
        content = {"status": "ok", "restart": bool(request.content.get("restart"))}
        self.publish("shutdown_reply", content, request.parent)
        self.reply(request, "shutdown_reply", content)
        self.status("idle", request.parent)
        self.leave()

    def leave(self):
        """Ends the worker: at once when it idles, else after a moment to unwind."""
        if self.ending:
            return
        self.ending = True
        self.inbox.put(None)
        self.replies.put(None)
        start_new_thread(self.deadline, (0.5,))
        if self.running is not None:
            os.kill(self.pid, 2)

    def deadline(self, seconds):
        import time
        time.sleep(seconds)
        end_children()
        os._exit(0)

    # -- main thread

    def serve(self):
        while not self.ending:
            request = self.take()
            if request is None:
                break
            if request.type == "execute_request":
                self.execute(request)
            else:
                self.comm(request)
        self.hub.settle()

    def take(self):
        """The next request; tasks that cells left on the event loop go on meanwhile."""
        while True:
            try:
                if self.shell.loop is not None:
                    from .awaiting import take
                    return take(self.shell.loop, self.inbox)
                return self.inbox.get()
            except KeyboardInterrupt:  # from a handler that user code installed
                continue

    def execute(self, request):
        from .shell import Options
        content = request.content
        options = Options(content)
        guard, hub = self.guard, self.hub
        guard.arm()
        hub.parent = request.parent
        self.running = request
        self.payload = []
        self.allow_stdin = bool(content.get("allow_stdin", True))
        self.status("busy", request.parent)
        if not options.silent:
            self.publish("execute_input", {"code": options.code, "execution_count": self.shell.execution_count})
        reply = self.shell.run_request(options)
        if os.getpid() != self.pid:  # a forked child came out of the cell's end
            os._exit(0)
        guard.end()
        hub.settle()
        reply["payload"] = self.payload
        self.running = None
        self.reply(request, "execute_reply", reply, {"status": reply["status"]})
        self.status("idle", request.parent)
        if reply["status"] == "error" and content.get("stop_on_error", True) and not options.silent:
            self.abort_waiting()

    def abort_waiting(self):
        """stop_on_error: the execute requests that wait already are not run."""
        kept = []
        while not self.inbox.empty():
            request = self.inbox.get()
            if request is None or request.type != "execute_request":
                kept.append(request)
                continue
            self.status("busy", request.parent)
            self.reply(request, "execute_reply", {"status": "aborted"}, {"status": "aborted"})
            self.status("idle", request.parent)
        for request in kept:
            self.inbox.put(request)

    def comm(self, request):
        self.hub.parent = request.parent
        self.status("busy", request.parent)
        self.guard.arm()
        try:
            self.guard.begin()
            from .comms import manager
            manager(self).receive(request)
        except BaseException:
            self.guard.end()
            self.shell.show_unraised()
        self.guard.end()
        self.hub.settle()
        self.status("idle", request.parent)

    # -- input()

    def ask(self, prompt, password=False):
        """One line from the person at the notebook."""
        if not self.running or not self.allow_stdin or os.getpid() != self.pid:
            from .shim import StdinNotImplementedError
            raise StdinNotImplementedError(
                "%s was called, but this frontend does not support input requests." % ("getpass" if password else "raw_input"))
        while not self.replies.empty():
            self.replies.get()
        self.hub.settle()
        self.link.send(b"stdin", "input_request", {"prompt": str(prompt), "password": password}, self.running.parent)
        value = self.replies.get()
        if value is None:
            raise KeyboardInterrupt
        if value == "\x04":
            raise EOFError
        return value


def text_of(error):
    try:
        return str(error)
    except Exception:
        return "<unprintable %s>" % type(error).__name__


def end_children():
    """Asks what is left of our process group to end."""
    import signal
    if os.getpgrp() == os.getpid():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)


def main(requests):
    import threading  # so that its idea of the main thread is this one
    kernel = Kernel(requests)
    kernel.start()
    threading.Thread.start = tracked(threading.Thread.start, kernel.hub)
    try:
        kernel.serve()
    except BaseException:  # a fault of ours: what is left to do is to say so
        import traceback
        kernel.hub.capture.lock.acquire()  # Go reads it from the pipe, not the reader thread
        os.write(2, traceback.format_exc().encode())
        os._exit(70)
    kernel.guard.end()
    shut(kernel)


def shut(kernel):
    """What the interpreter does at its end, within the time that `leave` gives."""
    if not kernel.ending:
        kernel.ending = True
        start_new_thread(kernel.deadline, (0.5,))
    import atexit
    try:
        atexit._run_exitfuncs()
    except BaseException:
        pass  # it has been printed, and the end is not put off for it
    kernel.hub.settle()
    try:
        end_children()
    except (OSError, ValueError):
        pass
    os._exit(0)


def tracked(start, hub):
    """Thread.start that remembers which cell started the thread, for what it prints."""
    def started(thread):
        parent = hub.current()
        run = thread.run

        def tagged():
            thread.__dict__.pop("run", None)
            ident = get_ident()
            hub.threads[ident] = parent
            hub.push()  # from here on every write must tell its thread
            try:
                run()
            finally:
                hub.threads.pop(ident, None)

        thread.run = tagged
        return start(thread)
    started.__wrapped__ = start
    return started
