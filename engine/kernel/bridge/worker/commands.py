"""!commands: run by sh in the kernel's process group, their output streamed."""
import os
import re
import subprocess
import sys

NAME = re.compile(r"\$(\$|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
BRACES = re.compile(r"(?<!\$)\{\{|\}\}|(?<!\$)\{([^{}]+)\}")


def system(shell, command):
    """Runs command; its exit status goes to _exit_code. Output lands in our captured descriptors."""
    hub = shell.kernel.hub
    hub.settle()
    command = expand(shell, command)
    try:
        status = subprocess.call(command, shell=True, stdin=subprocess.DEVNULL)
    finally:
        hub.capture.drain()
    shell.ns["_exit_code"] = status


def getoutput(shell, command):
    """The lines that command wrote, as a list with .s (spaces), .n (newlines) and .l (list)."""
    shell.kernel.hub.settle()
    done = subprocess.run(expand(shell, command), shell=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    shell.ns["_exit_code"] = done.returncode
    return SList(done.stdout.decode("utf-8", "backslashreplace").splitlines())


def script(shell, argv, text, raise_error=True, out=None, err=None):
    """Runs an interpreter with text as its input, as %%bash does."""
    hub = shell.kernel.hub
    hub.settle()
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE if out else None,
                               stderr=subprocess.PIPE if err else None)
    try:
        written, errors = process.communicate(text.encode("utf-8", "surrogateescape"))
    except KeyboardInterrupt:
        stop(process)
        raise
    finally:
        hub.capture.drain()
    if out:
        shell.ns[out] = written.decode("utf-8", "backslashreplace")
    if err:
        shell.ns[err] = errors.decode("utf-8", "backslashreplace")
    if process.returncode and raise_error:
        raise subprocess.CalledProcessError(process.returncode, argv[0] if len(argv) == 1 else argv)


def stop(process):
    """SIGINT reached the process too; what does not heed it is killed."""
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def expand(shell, text):
    """{expression}, $name and $name.attribute replaced by their values; unknown ones stay."""
    ns = shell.ns

    def name(found):
        what = found.group(1)
        if what == "$":
            return "$"
        root = what.split(".")[0]
        if root not in ns:
            return found.group(0)
        try:
            return str(eval(what, ns))
        except Exception:
            return str(ns[root]) + what[len(root):]

    def braces(found):
        if found.group(0) in ("{{", "}}"):
            return found.group(0)[0]
        return str(eval(found.group(1), ns))

    text = NAME.sub(name, text)
    try:
        return BRACES.sub(braces, text)
    except Exception:  # not an expression: braces of the shell or of awk
        return text


class SList(list):
    """Lines of output."""

    @property
    def l(self):  # noqa: E743 (IPython's name)
        return self

    list = l

    @property
    def n(self):
        return "\n".join(self)

    nlstr = n

    @property
    def s(self):
        return " ".join(self)

    spstr = s

    def grep(self, pattern, prune=False):
        match = pattern if callable(pattern) else re.compile(pattern, re.I).search
        return SList(line for line in self if bool(match(line)) != prune)

    def fields(self, *numbers):
        rows = [line.split() for line in self]
        if not numbers:
            return rows
        return SList(" ".join(row[i] for i in numbers if -len(row) <= i < len(row)) for row in rows)


def interpreter(name):
    """The path of a program, or a sentence that it is missing."""
    from shutil import which
    from .errors import UsageError
    path = which(name)
    if path is None:
        raise UsageError("%s was not found on PATH (%s)." % (name, os.environ.get("PATH", "")))
    return path


def pip(shell, line):
    from shlex import quote
    system_raw(shell, "%s -m pip %s" % (quote(sys.executable), line))
    if line.split()[:1] in (["install"], ["uninstall"]):
        print("Note: you may need to restart the kernel to use updated packages.")
        from importlib import invalidate_caches
        invalidate_caches()


def system_raw(shell, command):
    hub = shell.kernel.hub
    hub.settle()
    try:
        shell.ns["_exit_code"] = subprocess.call(command, shell=True, stdin=subprocess.DEVNULL)
    finally:
        hub.capture.drain()
