"""display() and its classes, and the modules that stand in for IPython and comm.

Where IPython is installed its own classes are used: they have the same
_repr_*_ methods. Its functions that publish are replaced by these.
"""
import os
import sys

from . import formats

kernel = None  # set by attach: the only kernel of this process


def attach(one):
    global kernel
    kernel = one


class StdinNotImplementedError(NotImplementedError):
    """input() was called, but nobody is there to answer."""


# -- publishing

def publish(data, metadata=None, transient=None, update=False, buffers=()):
    hub = kernel.hub
    if hub.forked:
        from .streams import direct
        direct(1, (str(data.get("text/plain", "")) + "\n").encode("utf-8", "replace"))
        return
    if hub.taps and not update:
        hub.taps[-1]("display", RichOutput(data, metadata, transient))
        return
    content = {"data": data, "metadata": metadata or {}, "transient": transient or {}}
    hub.settle()
    kernel.publish("update_display_data" if update else "display_data", content, buffers=buffers)


def publish_display_data(data, metadata=None, source=None, *, transient=None, **options):
    """Publishes a mime bundle as it is."""
    publish(data, metadata, transient, bool(options.get("update")))


def display(*objects, include=None, exclude=None, metadata=None, transient=None, display_id=None, raw=False, clear=False, **options):
    """Shows the objects below the cell; with display_id they can be updated later."""
    handle = None
    transient = dict(transient or {})
    if display_id is None and options.get("update"):
        raise TypeError("display_id required for update_display")
    if display_id is not None:
        handle = DisplayHandle(None if display_id is True else display_id)
        transient["display_id"] = handle.display_id
    if clear:
        clear_output(wait=True)
    for one in objects:
        if raw:
            data, extra = one, {}
        else:
            data, extra = formats.bundle(one, include, exclude)
        if not data:
            continue
        if metadata:
            extra.update(metadata)
        publish(data, extra, transient, bool(options.get("update")))
    return handle


def update_display(obj, *, display_id, **options):
    """Replaces what was shown under display_id."""
    options["update"] = True
    display(obj, display_id=display_id, **options)


def clear_output(wait=False):
    """Empties the outputs of the cell; with wait, once the next one comes."""
    hub = kernel.hub
    if hub.forked or hub.taps:
        return
    hub.settle()
    kernel.publish("clear_output", {"wait": bool(wait)})


class DisplayHandle:
    """A shown object that can be replaced."""

    def __init__(self, display_id=None):
        self.display_id = os.urandom(16).hex() if display_id is None else display_id

    def __repr__(self):
        return "<DisplayHandle display_id=%s>" % self.display_id

    def display(self, obj, **options):
        display(obj, display_id=self.display_id, **options)

    def update(self, obj, **options):
        update_display(obj, display_id=self.display_id, **options)


class RichOutput:
    """A display that %%capture kept."""

    def __init__(self, data, metadata=None, transient=None):
        self.data, self.metadata, self.transient = data, metadata or {}, transient or {}

    def display(self):
        publish(self.data, self.metadata, self.transient)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.data, self.metadata

    def __repr__(self):
        return str(self.data.get("text/plain", "<RichOutput>"))


# -- the modules

BARE = ("set_matplotlib_formats", "set_matplotlib_close")


def modules(root):
    """The stand-in modules below root: name to contents."""
    if root == "nbterm":
        from .glue import glue
        return {"nbterm": {"glue": glue, "__doc__": glue.__doc__}}
    return ipython() if root == "IPython" else comm()


def ipython():
    from . import objects
    names = {name: getattr(objects, name) for name in objects.__all__}
    names.update({
        "display": display, "update_display": update_display, "clear_output": clear_output,
        "publish_display_data": publish_display_data, "DisplayHandle": DisplayHandle,
    })
    names.update({name: nothing for name in BARE})
    getter = kernel.shell.get_ipython
    from .interactive import ZMQInteractiveShell, magic_decorators
    from .errors import UsageError
    return {
        "IPython": {"get_ipython": getter, "display": StandIn("display"), "version_info": (0, 0, 0),
                    "__version__": "0.0.0+nbterm", "start_ipython": nothing, "embed": nothing},
        "IPython.display": names,
        "IPython.core": {}, "IPython.core.display": names, "IPython.core.display_functions": names,
        "IPython.core.getipython": {"get_ipython": getter},
        "IPython.core.interactiveshell": {"InteractiveShell": ZMQInteractiveShell},
        "IPython.core.error": {"UsageError": UsageError, "StdinNotImplementedError": StdinNotImplementedError},
        "IPython.core.magic": magic_decorators(),
        "IPython.utils": {}, "IPython.utils.io": {"capture_output": capture_output},
        "IPython.utils.capture": {"capture_output": capture_output},
        "IPython.lib": {}, "IPython.lib.pretty": {"pretty": pretty},
    }


class StandIn:
    """IPython.display as an attribute, before anyone imports it."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, attribute):
        from importlib import import_module
        return getattr(import_module("IPython." + self.name), attribute)


def comm():
    from . import comms
    comms.manager(kernel)
    return {"comm": {
        "create_comm": comms.create_comm, "get_comm_manager": lambda: comms.manager(kernel),
        "__version__": "0.2.0", "BaseComm": comms.Comm,
    }, "comm.base_comm": {"BaseComm": comms.Comm, "CommManager": comms.Manager}}


def pretty(value, *args, **options):
    from .pretty import pretty as form
    return form(value)


def capture_output(stdout=True, stderr=True, display=True):
    from .capturing import Capturing
    return Capturing(kernel.hub, stdout, stderr, display)


def nothing(*args, **options):
    """Accepted, without effect here."""
