"""What has to be changed in other modules, when and if they are imported."""
import os
import sys

ModuleSpec = type(sys.__spec__)
INLINE = ("module://matplotlib_inline", "module://ipykernel")
SHIMS = ("IPython", "comm", "nbterm")

sources = {}  # cell name -> source, for tracebacks and inspect.getsource


class After:
    """Finds the watched modules as usual, and calls us once they are loaded."""

    def __init__(self, shell):
        self.shell = shell
        self.watched = {
            "matplotlib.pyplot": patch_pyplot, "getpass": patch_getpass, "linecache": patch_linecache,
            "IPython.core.interactiveshell": patch_interactiveshell, "IPython.core.getipython": patch_get_ipython,
            "IPython.core.display_functions": patch_display, "comm": patch_comm, "ipykernel.comm": patch_comm,
            "subprocess": patch_subprocess,
        }
        self.looking = set()

    def find_spec(self, name, path=None, target=None):
        patch = self.watched.get(name)
        if patch is None or name in self.looking:
            return None
        self.looking.add(name)
        try:
            from importlib.util import find_spec
            spec = find_spec(name)
        finally:
            self.looking.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, patch, self.shell)
        return spec


class Loader:
    """A loader that patches the module after it ran; all else is the real loader's."""

    def __init__(self, loader, patch, shell):
        self.loader, self.patch, self.shell = loader, patch, shell

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        self.patch(module, self.shell)


class Last:
    """Asked when nobody else finds a module: stands in for IPython and comm, and has nbterm."""

    def __init__(self, shell):
        self.shell = shell

    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in SHIMS:
            return None
        from .shim import modules
        return ModuleSpec(name, self, is_package=True) if name in modules(root) else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        from .shim import modules
        module.__path__ = []
        module.__dict__.update(modules(module.__name__.partition(".")[0])[module.__name__])


def install(shell):
    sys.meta_path.insert(0, After(shell))
    sys.meta_path.append(Last(shell))
    os._exit = leaving(os._exit, shell.kernel.hub)
    backend = os.environ.get("MPLBACKEND", "")
    if not backend or backend.startswith(INLINE):
        os.environ["MPLBACKEND"] = "agg"
    for name, patch in (("linecache", patch_linecache), ("getpass", patch_getpass), ("subprocess", patch_subprocess)):
        if name in sys.modules:
            patch(sys.modules[name], shell)


def leaving(exit, hub):
    def _exit(status):
        """Ends the process at once; what was printed is sent first."""
        if not hub.forked:
            hub.settle()
        exit(status)
    return _exit


def remember_source(name, source):
    """Keeps a cell's lines where tracebacks and inspect look for them."""
    sources[name] = source
    cache = sys.modules.get("linecache")
    if cache is not None:
        cache.cache[name] = line_entry(source, name)


def line_entry(source, name):
    lines = source.splitlines(True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return len(source), None, lines, name


def patch_linecache(module, shell):
    for name, source in sources.items():
        module.cache[name] = line_entry(source, name)
    clear = module.clearcache

    def clearcache():
        """Clears the cache of files; cells exist nowhere else and stay."""
        clear()
        for name, source in sources.items():
            module.cache[name] = line_entry(source, name)
    module.clearcache = clearcache


def patch_getpass(module, shell):
    def getpass(prompt="Password: ", stream=None, **options):
        """Asks the person at the notebook for a line that is not shown."""
        return shell.kernel.ask(prompt, password=True)
    module.getpass = getpass


def patch_pyplot(module, shell):
    from .plots import patch
    patch(module)


def patch_interactiveshell(module, shell):
    from .interactive import interactive
    module.InteractiveShell.initialized = classmethod(lambda cls: True)
    module.InteractiveShell.instance = classmethod(lambda cls, *args, **options: interactive(shell))


def patch_get_ipython(module, shell):
    module.get_ipython = shell.get_ipython


def patch_comm(module, shell):
    from . import comms
    module.create_comm = comms.create_comm
    module.get_comm_manager = lambda: comms.manager(shell.kernel)
    if hasattr(module, "Comm"):
        module.Comm = comms.Comm


def patch_subprocess(module, shell):
    """Text that has gathered is sent before a command starts, so that it comes before its output."""
    start = module.Popen.__init__

    def started(self, *args, **options):
        shell.kernel.hub.push()
        return start(self, *args, **options)
    started.__wrapped__ = start
    module.Popen.__init__ = started


def patch_display(module, shell):
    from . import shim
    module.display, module.update_display, module.clear_output = shim.display, shim.update_display, shim.clear_output
    module.publish_display_data, module.DisplayHandle = shim.publish_display_data, shim.DisplayHandle
