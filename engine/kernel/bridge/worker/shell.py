"""Runs cells in the user's namespace: compile, execute, display the last value."""
import builtins
import os
import sys
from types import ModuleType

import _ast

from . import formats, hooks

AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
ONLY_AST = 0x400  # ast.PyCF_ONLY_AST
AUTO = {"cd", "pwd", "ls", "pip", "conda", "who", "whos", "lsmagic", "cat", "mkdir", "rm", "cp", "mv"}  # magics that need no %
FUTURES = 0x1FE0000  # the compiler flags of all __future__ features
COROUTINE = 0x80  # inspect.CO_COROUTINE


class Options:
    """What an execute_request asks for."""

    __slots__ = ("code", "silent", "store", "expressions")

    def __init__(self, content):
        self.code = content.get("code", "")
        self.silent = bool(content.get("silent", False))
        self.store = bool(content.get("store_history", True)) and not self.silent
        self.expressions = content.get("user_expressions") or {}


class Quit:
    """exit and quit: end the kernel, unlike sys.exit which ends the cell."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __repr__(self):
        return "Use exit() to end the kernel."

    def __call__(self, code=None):
        self.kernel.payload.append({"source": "ask_exit", "keepkernel": False})


class Shell:
    def __init__(self, kernel):
        self.kernel = kernel
        self.execution_count = 1
        self.flags = 0  # __future__ features that cells turned on
        self.loop = None  # asyncio's, once a cell awaited
        self.current = None  # name of the source that runs
        self.scratch = 0  # number of cells run outside the history
        self.last = {"_": "", "__": "", "___": ""}  # what we put there, to see whether user code has replaced it
        self.error = None  # (type, value, traceback) of the last failure, for %tb
        self.module = ModuleType("__main__")
        self.ns = self.module.__dict__
        sys.modules["__main__"] = self.module
        sys.argv = [""]
        self.fill()
        builtins.input = asker(kernel)
        sys.displayhook = self.displayhook
        hooks.install(self)

    def fill(self):
        """The names that every notebook finds."""
        quit = Quit(self.kernel)
        self.inputs, self.outputs = [""], {}
        self.ns.update({
            "__name__": "__main__", "__builtins__": builtins, "__builtin__": builtins, "__doc__": None,
            "In": self.inputs, "Out": self.outputs, "_ih": self.inputs, "_oh": self.outputs, "_dh": [os.getcwd()],
            "_": "", "__": "", "___": "", "_i": "", "_ii": "", "_iii": "", "exit": quit, "quit": quit,
        })
        builtins.get_ipython = self.get_ipython
        builtins.display = display
        self.hidden = set(self.ns) | {"_exit_code"}

    def get_ipython(self):
        """The shell object that libraries and transformed magics talk to."""
        from .interactive import interactive
        return interactive(self)

    def history(self, content):
        if content.get("hist_access_type") != "tail":
            return []
        lines = [[0, number, text] for number, text in enumerate(self.inputs) if number]
        return lines[-int(content.get("n") or 0):]

    # -- one request

    def run_request(self, options):
        """Runs the cell, publishes what comes of it; returns the content of execute_reply."""
        guard = self.kernel.guard
        count = self.execution_count
        failed = None
        expressions = {}
        try:
            try:
                guard.begin()
                self.run_cell(options.code, options.store, options.silent, count)
                expressions = self.evaluate(options.expressions)
            finally:
                guard.phase = 0
        except BaseException:
            failed = sys.exc_info()
        if os.getpid() != self.kernel.pid:
            leave_child(failed)
        self.finish(guard, options)
        if options.store:
            self.execution_count = count + 1
        if failed is not None:
            reply = self.show_error(failed)
            reply["status"] = "error"
        else:
            reply = {"status": "ok"}
        reply["execution_count"] = self.execution_count - 1
        reply["user_expressions"] = expressions
        return reply

    def finish(self, guard, options):
        """What happens at the end of every cell: open figures are shown."""
        if "matplotlib.pyplot" not in sys.modules or options.silent:
            return
        try:
            try:
                guard.arm()
                guard.begin()
                from .plots import flush_figures
                flush_figures()
            finally:
                guard.phase = 0
        except BaseException:
            self.show_unraised()

    def run_cell(self, code, store, silent, count):
        """Runs one cell's source; raises what it raises."""
        self.remember(code, store, count)
        self.run_source(code, self.cell_name(store, count), not silent)

    def run_source(self, code, name, show=True):
        """Runs source under a name that tracebacks show; displays its last expression or only gives its value."""
        outer, self.current = self.current, name
        try:
            tree, source = self.parse(code, name)
            last = self.split_last(tree)
            if tree.body:
                self.execute(tree, name, "exec")
            if last is not None:
                value = self.execute(last, name, "eval")
                if quiet(source):
                    return None
                if show:
                    sys.displayhook(value)
                return value
        finally:
            self.current = outer

    def run_body(self, code, show=True):
        """Runs the body of a cell magic: the cell's lines after the first, under its name and numbers."""
        return self.run_source("\n" + code, self.current or "<cell 0.0>", show)

    def parse(self, code, name):
        """(tree, the source it was made of): magics are looked for where Python sees an error."""
        if name not in hooks.sources:
            hooks.remember_source(name, code)
        failed = None
        if not code.lstrip("\n").startswith("%%") and code.partition(" ")[0].strip() not in AUTO:
            try:
                return self.compile(code, name), code
            except SyntaxError as error:
                failed = error
        from .syntax import transform
        source = transform(code, self)
        if failed is not None and source == code:
            raise failed
        return self.compile(source, name), source

    def compile(self, source, name):
        if not source.endswith("\n"):
            source += "\n"
        return compile(source, name, "exec", ONLY_AST | AWAIT | self.flags, True)

    def cell_name(self, store, count):
        if store:
            return "<cell %d>" % count
        self.scratch += 1
        return "<cell %d.%d>" % (count, self.scratch)

    def remember(self, code, store, count):
        if not store:
            return
        ns = self.ns
        ns["_iii"], ns["_ii"], ns["_i"] = ns.get("_ii", ""), ns.get("_i", ""), self.inputs[-1]
        while len(self.inputs) < count:
            self.inputs.append("")
        self.inputs.append(code)
        ns["_i%d" % count] = code

    def split_last(self, tree):
        """Takes a trailing expression off the tree, to be evaluated on its own."""
        if not tree.body or not isinstance(tree.body[-1], _ast.Expr):
            return None
        return _ast.Expression(tree.body.pop().value)

    def execute(self, tree, name, mode):
        code = compile(tree, name, mode, AWAIT | self.flags, True)
        self.flags |= code.co_flags & FUTURES
        if code.co_flags & COROUTINE:
            from .awaiting import run
            return run(self, eval(code, self.ns))
        if "asyncio" in sys.modules:
            from .awaiting import wants_loop, with_loop
            if wants_loop(code):
                return with_loop(self, code)
        return eval(code, self.ns)

    def evaluate(self, expressions):
        results = {}
        for key, text in expressions.items():
            try:
                data, metadata = formats.bundle(eval(text, self.ns))
                results[key] = {"status": "ok", "data": data, "metadata": metadata}
            except Exception as error:
                results[key] = {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
        return results

    # -- results and errors

    def displayhook(self, value):
        if value is None:
            return
        self.set_last(value)
        data, metadata = formats.bundle(value)
        if not data:
            return
        count = self.execution_count
        if self.kernel.hub.taps:
            formats.captured(value, data, metadata)
            return
        self.kernel.hub.settle()
        self.kernel.publish("execute_result", {"execution_count": count, "data": data, "metadata": metadata})

    def set_last(self, value):
        """`_`, `__`, `___`, `_N` and Out; names that user code took are left alone."""
        ns, last = self.ns, self.last
        if value is self.outputs:  # Out itself would hold itself
            return
        if all(ns.get(name) is last[name] for name in last) and not hasattr(builtins, "_"):
            last["___"], last["__"], last["_"] = last["__"], last["_"], value
            ns.update(last)
        self.outputs[self.execution_count] = value
        ns["_%d" % self.execution_count] = value

    def show_error(self, failed):
        """Publishes the error; returns the same for the reply."""
        from .errors import describe
        self.kernel.hub.settle()
        sys.last_type, sys.last_value, sys.last_traceback = self.error = failed
        guard = self.kernel.guard
        guard.arm()
        try:
            try:
                guard.begin()
                content = describe(failed)
            finally:
                guard.phase = 0
        except BaseException:  # __str__ or __repr__ of user code failed or was interrupted
            content = {"ename": failed[0].__name__, "evalue": "", "traceback": [failed[0].__name__]}
        self.kernel.hub.settle()
        self.kernel.publish("error", dict(content))
        return content

    def show_unraised(self):
        """A failure outside the cell's own code: shown on stderr, the cell goes on."""
        import traceback
        sys.stderr.write(traceback.format_exc())


def asker(kernel):
    def input(prompt="", /):
        """Asks the person at the notebook for a line of text."""
        return kernel.ask(prompt)
    return input


def display(*objects, **options):
    from .shim import display as shown
    return shown(*objects, **options)


display.__module__ = "IPython.core.display_functions"


def quiet(source):
    """True when the cell ends in a semicolon, which keeps its value to itself."""
    if ";" not in source:
        return False
    line = source.rstrip().rsplit("\n", 1)[-1]
    if line.endswith(";"):
        return "#" not in line or not in_comment(source)
    return "#" in line and in_comment(source, True)


def in_comment(source, want=False):
    """Whether the last token is (want: is a semicolon before) a comment."""
    import io
    import tokenize
    last = comment = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                comment = token
            elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT, tokenize.INDENT):
                last, comment = token, None
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return False
    if want:
        return last is not None and last.string == ";"
    return comment is not None


def leave_child(failed):
    """A forked child that reached the end of the cell must not go on as a second kernel."""
    code = 0
    if failed is not None and issubclass(failed[0], SystemExit):
        code = failed[1].code
        code = code if isinstance(code, int) else int(code is not None)
    elif failed is not None:
        import traceback
        traceback.print_exception(*failed)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 255)
