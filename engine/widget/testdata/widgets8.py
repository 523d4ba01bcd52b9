"""A few widgets that speak as ipywidgets 8 does: protocol 2.1, models of @jupyter-widgets 2.0, echoes.

It stands in for ipywidgets 8 where only an older one can be installed. It runs on
ipykernel and on the embedded kernel alike.
"""
try:
    from comm import create_comm
except ImportError:
    from ipykernel.comm import Comm as create_comm

from IPython import get_ipython
from IPython.display import clear_output, display

CONTROLS, BASE, OUTPUT = "@jupyter-widgets/controls", "@jupyter-widgets/base", "@jupyter-widgets/output"
REF = "IPY_MODEL_"


def packed(value):
    if isinstance(value, Widget):
        return REF + value.comm.comm_id
    if isinstance(value, (list, tuple)):
        return [packed(one) for one in value]
    return value


class Widget:
    """One model; attributes of the state are attributes of the object."""

    model, view, module, version, defaults = "WidgetModel", None, CONTROLS, "2.0.0", {}
    parts = {}  # models made with each of these

    def __init__(self, **state):
        object.__setattr__(self, "state", {
            "_model_name": self.model, "_view_name": self.view, "_model_module": self.module, "_view_module": self.module,
            "_model_module_version": self.version, "_view_module_version": self.version, "_view_count": None,
            "_dom_classes": [], **self.defaults, **state,
        })
        object.__setattr__(self, "observers", [])
        for name, make in self.parts.items():
            self.state[name] = make()
        object.__setattr__(self, "comm", create_comm(
            target_name="jupyter.widget", data={"state": packed_state(self.state), "buffer_paths": []},
            metadata={"version": "2.1.0"}))
        self.comm.on_msg(self.heard)

    def __getattr__(self, name):
        try:
            return object.__getattribute__(self, "state")[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        if name not in self.state:  # an attribute of Python's alone
            object.__setattr__(self, name, value)
            return
        self.put(name, value)
        self.comm.send({"method": "update", "state": {name: packed(value)}, "buffer_paths": []})

    def put(self, name, value):
        old = self.state.get(name)
        self.state[name] = value
        if value != old:
            for names, callback in list(self.observers):
                if name in names:
                    callback({"name": name, "old": old, "new": value, "owner": self})

    def observe(self, callback, names=("value",)):
        self.observers.append(((names,) if isinstance(names, str) else tuple(names), callback))

    def heard(self, message):
        data = message["content"]["data"]
        if data["method"] == "update":
            self.comm.send({"method": "echo_update", "state": data["state"], "buffer_paths": []})
            for name, value in data["state"].items():
                self.put(name, self.checked(name, value))
                if self.state[name] != value:
                    self.comm.send({"method": "update", "state": {name: self.state[name]}, "buffer_paths": []})
        elif data["method"] == "custom":
            self.custom(data["content"])

    def checked(self, name, value):
        return value

    def custom(self, content):
        pass

    def close(self):
        self.comm.close()

    def _repr_mimebundle_(self, **options):
        return {
            "text/plain": "%s()" % type(self).__name__,
            "application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": self.comm.comm_id},
        }


def packed_state(state):
    return {name: packed(value) for name, value in state.items()}


def kind(name, module=CONTROLS, version="2.0.0", base=Widget, **defaults):
    return type(name, (base,), {"model": name + "Model", "view": name + "View", "module": module, "version": version, "defaults": defaults})


class Bounded(Widget):
    def checked(self, name, value):
        return min(max(value, self.min), self.max) if name == "value" else value


class Clicked(Widget):
    def __init__(self, **state):
        super().__init__(**state)
        object.__setattr__(self, "clicks", [])

    def on_click(self, callback):
        self.clicks.append(callback)

    on_submit = on_click

    def custom(self, content):
        for callback in list(self.clicks):
            callback(self)


IntSlider = kind("IntSlider", base=Bounded, value=0, min=0, max=100, step=1, readout=True, readout_format="d",
                 orientation="horizontal", continuous_update=True, disabled=False, description="")
FloatSlider = kind("FloatSlider", base=Bounded, value=0.0, min=0.0, max=10.0, step=0.1, readout=True, readout_format=".2f",
                   orientation="horizontal", continuous_update=True, disabled=False, description="")
IntRangeSlider = kind("IntRangeSlider", value=[25, 75], min=0, max=100, step=1, readout=True, readout_format="d", description="")
IntProgress = kind("IntProgress", value=0, min=0, max=100, bar_style="", description="")
IntText = kind("IntText", value=0, step=1, disabled=False, continuous_update=False, description="")
Text = kind("Text", base=Clicked, value="", placeholder="\u200b", disabled=False, continuous_update=True, description="")
Textarea = kind("Textarea", value="", placeholder="\u200b", rows=None, disabled=False, continuous_update=True, description="")
Checkbox = kind("Checkbox", value=False, disabled=False, indent=True, description="")
Dropdown = kind("Dropdown", _options_labels=[], index=None, disabled=False, description="")
SelectMultiple = kind("SelectMultiple", _options_labels=[], index=[], rows=5, disabled=False, description="")
RadioButtons = kind("RadioButtons", _options_labels=[], index=None, disabled=False, orientation="vertical", description="")
Button = kind("Button", base=Clicked, description="", tooltip=None, icon="", button_style="", disabled=False)
HTML = kind("HTML", value="", placeholder="\u200b", description="")
Label = kind("Label", value="", placeholder="\u200b", description="")
Play = kind("Play", value=0, min=0, max=100, step=1, interval=100, playing=False, repeat=False, show_repeat=True, disabled=False, description="")
Link = kind("Link", source=None, target=None)
Link.view = None
Layout = kind("Layout", BASE, width=None, flex=None, display=None, visibility=None)
ProgressStyle = kind("ProgressStyle", bar_color=None, description_width="")
FloatProgress = kind("FloatProgress", value=0.0, min=0.0, max=100.0, bar_style="", description="", orientation="horizontal")
FloatProgress.parts = {"layout": Layout, "style": ProgressStyle}
HBox = kind("HBox", children=[], box_style="")
HBox.parts = {"layout": Layout}
VBox = kind("VBox", children=[], box_style="")
Tab = kind("Tab", children=[], titles=[], selected_index=None, box_style="")
Accordion = kind("Accordion", children=[], titles=[], selected_index=None, box_style="")


class Output(Widget):
    """Captures what is shown inside "with out:"."""

    model, view, module, version = "OutputModel", "OutputView", OUTPUT, "1.0.0"
    defaults = {"msg_id": "", "outputs": []}

    def __enter__(self):
        flush()
        self.msg_id = parent_id()
        return self

    def __exit__(self, *failure):
        flush()
        self.msg_id = ""

    def clear(self, wait=False):
        with self:
            clear_output(wait=wait)


def parent_id():
    kernel = get_ipython().kernel
    header = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else kernel._parent_header
    return header["header"]["msg_id"]


def flush():
    import sys
    sys.stdout.flush()
    sys.stderr.flush()


def interact(function, **controls):
    """Shows controls over an Output that holds what function prints for their values."""
    out = Output()

    def run(change=None):
        with out:
            clear_output(wait=True)
            function(**{name: control.value for name, control in controls.items()})

    for control in controls.values():
        control.observe(run)
    box = VBox(children=[*controls.values(), out])
    display(box)
    run()
    return box
