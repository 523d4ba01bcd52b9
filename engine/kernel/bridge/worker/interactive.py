"""get_ipython(): as much of IPython's shell object as libraries and magics ask for."""
import sys

from . import formats

one = None


def interactive(shell):
    """The single shell object, made when first asked for."""
    global one
    if one is None:
        one = ZMQInteractiveShell(shell)
    return one


class ZMQInteractiveShell:
    """Named as ipykernel's, because libraries look at the name to know that they are in a notebook."""

    def __init__(self, shell):
        from .comms import manager
        self._shell = shell
        self.user_ns = shell.ns
        self.user_module = shell.module
        self.user_global_ns = shell.ns
        self.config = Config({"IPKernelApp": Config()})
        self.display_formatter = DisplayFormatter()
        self.display_pub = DisplayPublisher()
        self.events = Events()
        self.kernel = KernelView(shell.kernel, manager(shell.kernel))
        self.parent = self.kernel
        self.history_manager = None
        self.ast_node_interactivity = "last_expr"
        self.colors = "Neutral"
        self.autoindent = False

    @classmethod
    def initialized(cls):
        return one is not None

    @classmethod
    def instance(cls, *args, **options):
        from . import shim
        return interactive(shim.kernel.shell)

    @property
    def execution_count(self):
        return self._shell.execution_count

    def run_line_magic(self, name, line, _stack_depth=1):
        from .magics import run_line
        return run_line(self._shell, name, line)

    def run_cell_magic(self, name, line, cell):
        from .magics import run_cell
        return run_cell(self._shell, name, line, cell)

    def magic(self, text):
        name, _, line = text.partition(" ")
        return self.run_line_magic(name, line)

    def system(self, command):
        from .commands import system
        system(self._shell, command)

    def getoutput(self, command, split=True, depth=0):
        from .commands import getoutput
        return getoutput(self._shell, command)

    getoutput_pexpect = getoutput
    system_raw = system_piped = system

    def run_cell(self, code, store_history=False, silent=False, **options):
        result = ExecutionResult()
        try:
            self._shell.run_cell(code, False, silent, self.execution_count)
            result.result = self.user_ns.get("_")
        except Exception as error:
            result.error_in_exec = error
            self.showtraceback()
        return result

    def ex(self, code):
        exec(code, self.user_ns)

    def ev(self, expression):
        return eval(expression, self.user_ns)

    def push(self, variables, interactive=True):
        if isinstance(variables, str):
            variables = variables.split()
        if not isinstance(variables, dict):
            frame = sys._getframe(1)
            variables = {name: eval(name, frame.f_globals, frame.f_locals) for name in variables}
        self.user_ns.update(variables)

    def showtraceback(self, *args, **options):
        failed = sys.exc_info()
        if failed[0] is not None:
            self._shell.show_error(failed)

    def inspect(self, name, detail=0):
        from .inspection import page
        page(self._shell, name, detail)

    def object_inspect_text(self, name, detail_level=0):
        from .inspection import describe_name
        return describe_name(self._shell, name, detail_level) or ""

    def register_magic_function(self, function, magic_kind="line", magic_name=None):
        from .magics import register
        register(function, magic_kind, magic_name or function.__name__)

    def register_magics(self, *objects):
        from .magics import register_object
        for item in objects:
            register_object(item(shell=self) if isinstance(item, type) else item)

    def set_next_input(self, text, replace=False):
        self._shell.kernel.payload.append({"source": "set_next_input", "text": text, "replace": replace})

    def enable_gui(self, gui=None):
        """There is no GUI loop here; figures are shown inline."""

    def enable_matplotlib(self, gui=None):
        return "inline", "module://matplotlib_inline.backend_inline"

    def var_expand(self, text, depth=0, formatter=None):
        from .commands import expand
        return expand(self._shell, text)

    def atexit_operations(self):
        """Nothing is left open here."""

    def run_code(self, code, result=None, **options):
        exec(code, self.user_ns)

    def ask_exit(self):
        self.user_ns["exit"]()

    def set_custom_exc(self, *args):
        """Custom handlers are not called here."""


class Config(dict):
    """A dict whose keys are attributes too; unknown ones are empty."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self.setdefault(name, Config())


class ExecutionResult:
    result = error_in_exec = error_before_exec = None

    @property
    def success(self):
        return self.error_in_exec is None

    def raise_error(self):
        if self.error_in_exec is not None:
            raise self.error_in_exec


class Formatter:
    """How libraries register forms of classes they do not own."""

    def __init__(self, mime):
        self.table = formats.registered.setdefault(mime, {})
        self.type_printers = self.table
        self.enabled = True

    def for_type(self, kind, function=None):
        key = kind
        old = self.table.get(key)
        if function is not None:
            self.table[key] = function
        return old

    def for_type_by_name(self, module, name, function=None):
        return self.for_type("%s.%s" % (module, name), function)

    def pop(self, kind, default=None):
        return self.table.pop(kind, default)

    def lookup_by_type(self, kind):
        return self.table[kind]

    def __call__(self, value):
        return formats.bundle(value)[0]


class Formatters(dict):
    def __missing__(self, mime):
        self[mime] = Formatter(mime)
        return self[mime]


class DisplayFormatter:
    def __init__(self):
        self.formatters = Formatters()
        self.ipython_display_formatter = self.formatters["ipython_display"]
        self.mimebundle_formatter = self.formatters["mimebundle"]
        self.active_types = [mime for mime, _ in formats.METHODS]

    def format(self, value, include=None, exclude=None):
        return formats.bundle(value, include, exclude)


class DisplayPublisher:
    is_publishing = False

    def publish(self, data, metadata=None, source=None, transient=None, update=False, **options):
        from .shim import publish
        publish(data, metadata, transient, update)

    def clear_output(self, wait=False):
        from .shim import clear_output
        clear_output(wait)


class Events:
    """Callbacks around cells are remembered and run."""

    def __init__(self):
        self.callbacks = {}

    def register(self, event, function):
        self.callbacks.setdefault(event, []).append(function)

    def unregister(self, event, function):
        if function in self.callbacks.get(event, ()):
            self.callbacks[event].remove(function)

    def trigger(self, event, *args):
        for function in list(self.callbacks.get(event, ())):
            function(*args)


class KernelView:
    """get_ipython().kernel: widgets reach the comms through it, and learn what they answer."""

    def __init__(self, kernel, comm_manager):
        self.comm_manager = comm_manager
        self.implementation = "nbterm-python"
        self._kernel = kernel

    def get_parent(self, channel="shell"):
        """The message that what is said now answers to."""
        import json
        return {"header": json.loads(self._kernel.hub.current() or b"{}")}

    @property
    def _parent_header(self):
        return self.get_parent()


def magic_decorators():
    """IPython.core.magic: the decorators that define magics."""
    from . import magics

    def decorator(kind):
        def mark(name_or_function):
            if callable(name_or_function):
                return register(name_or_function, name_or_function.__name__)
            return lambda function: register(function, name_or_function)

        def register(function, name):
            function._nbterm_magic = (kind, name)
            if "." not in function.__qualname__.replace("<locals>.", ""):
                magics.register(function, kind, name)
            return function
        return mark

    class Magics:
        def __init__(self, shell=None, **options):
            self.shell = shell

    names = {"Magics": Magics, "magics_class": lambda kind: kind, "needs_local_scope": lambda function: function}
    for kind, prefix in (("line", "line_magic"), ("cell", "cell_magic"), ("line_cell", "line_cell_magic")):
        names[prefix] = names["register_" + prefix] = decorator(kind)
    return names
