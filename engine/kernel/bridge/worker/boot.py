"""Makes the worker's modules importable from memory, then starts the kernel.

It runs with two names set by the one-line command that Go starts: `sources`,
a dict of module name to source text, and `requests`, the binary file of what
Go sends. Modules compile when they are first imported, so a start pays only
for what every cell needs.
"""
import sys

PACKAGE = "_nbterm"
ModuleSpec = type(sys.__spec__)


class Finder:
    """Finds `_nbterm` and its modules among the sources that Go sent."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name == PACKAGE:
            spec = ModuleSpec(name, self, is_package=True)
            spec.submodule_search_locations = []
            return spec
        package, _, module = name.partition(".")
        if package != PACKAGE or module not in self.sources:
            return None
        spec = ModuleSpec(name, self, origin=filename(module))
        spec.has_location = False
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__.partition(".")[2]
        if name:
            exec(compile(self.sources[name], filename(name), "exec"), module.__dict__)

    def get_source(self, name):
        return self.sources.get(name.partition(".")[2])


def filename(module):
    """The name that frames of our own code carry, so that tracebacks can cut them."""
    return "<nbterm %s>" % module


sys.meta_path.insert(0, Finder(sources))  # noqa: F821 (set by the starting command)
from _nbterm import kernel  # noqa: E402

kernel.main(requests)  # noqa: F821
