"""`import nbterm; nbterm.glue(name, value)`: records a value in the notebook.

The record is scrapbook's, version 1: a display of application/scrapbook.scrap.ENCODER+json,
which `nbterm metrics`, `nbterm diff` and scrapbook itself read.
"""
import json

MIME = "application/scrapbook.scrap.%s+json"


def glue(name, data, encoder=None, display=None):
    """Records data under name; of several of one name the last counts.

    encoder is "text", "json", "pandas" (a data frame, as Parquet) or "display" (only shown);
    None chooses. display=True also shows the data; a list of mime types shows only these.
    """
    if not isinstance(name, str) or not name:
        raise TypeError("glue: the name must be a text, not %r" % (name,))
    if encoder is None:
        encoder = choose(data)
    if encoder not in ENCODERS:
        raise ValueError("glue: there is no encoder %r; there are %s" % (encoder, ", ".join(sorted(ENCODERS))))
    from . import shim
    if encoder != "display":
        payload = {"name": name, "data": ENCODERS[encoder](data), "encoder": encoder, "version": 1}
        shim.publish({MIME % encoder: payload}, {"scrapbook": {"name": name, "data": True, "display": False}})
    if display or display is None and encoder == "display":
        include = display if isinstance(display, (list, tuple)) else None
        shim.display(data, include=include, metadata={"scrapbook": {"name": name, "data": False, "display": True}})


def choose(data):
    """The encoder for a value, as scrapbook chooses it."""
    if isinstance(data, str):
        return "text"
    if hasattr(data, "to_parquet"):
        return "pandas"
    if any(hasattr(data, form) for form in ("_repr_mimebundle_", "_repr_html_", "_repr_png_", "_repr_svg_")):
        return "display"
    return "json"


def as_json(data):
    """Plain values of the data; numbers of NumPy and the like become Python's."""
    if isinstance(data, str):
        return json.loads(data)
    return json.loads(json.dumps(data, default=plain))


def plain(value):
    for name in ("tolist", "item"):
        convert = getattr(value, name, None)
        if callable(convert):
            return convert()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError("glue: %s cannot be recorded as JSON; encoder='text' records its str()" % type(value).__name__)


def as_parquet(frame):
    from base64 import b64encode
    from io import BytesIO
    if not hasattr(frame, "to_parquet"):
        raise TypeError("glue: encoder='pandas' needs a data frame, not %s" % type(frame).__name__)
    file = BytesIO()
    frame.to_parquet(file)
    return b64encode(file.getvalue()).decode("ascii")


ENCODERS = {"text": str, "json": as_json, "pandas": as_parquet, "display": None}
