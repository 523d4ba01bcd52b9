"""What a value looks like: the mime bundle of its _repr_*_ methods and its text."""
import sys

METHODS = (
    ("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_"), ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"), ("application/pdf", "_repr_pdf_"), ("image/jpeg", "_repr_jpeg_"),
    ("text/latex", "_repr_latex_"), ("application/json", "_repr_json_"), ("application/javascript", "_repr_javascript_"),
)
CANARY = "_ipython_canary_method_should_not_exist_"
KEEP_JSON = ("application/json",)

registered = {}  # mime type -> {class or "module.name": function}, as libraries asked for


def bundle(value, include=None, exclude=None):
    """(data, metadata) for value; ({}, {}) when it has shown itself."""
    if shows_itself(value):
        return {}, {}
    data, metadata = {}, {}
    answer = call(value, "_repr_mimebundle_", include=include, exclude=exclude)
    if answer is not None:
        take_bundle(answer, data, metadata)
    if "text/plain" not in data and wanted("text/plain", include, exclude):
        data = {"text/plain": plain(value), **data}
    for mime, method in METHODS:
        if mime in data or not wanted(mime, include, exclude):
            continue
        answer = from_registered(value, mime)
        if answer is None:
            answer = call(value, method)
        if answer is None:
            continue
        if isinstance(answer, tuple) and len(answer) == 2:
            answer, extra = answer
            if extra:
                metadata[mime] = extra
        data[mime] = fit(answer, mime)
    return data, metadata


def wanted(mime, include, exclude):
    return not (include and mime not in include) and not (exclude and mime in exclude)


def take_bundle(answer, data, metadata):
    if isinstance(answer, tuple) and len(answer) == 2:
        answer, extra = answer
        metadata.update(extra or {})
    for mime, item in answer.items():
        data[mime] = fit(item, mime)


def fit(item, mime):
    """Images may come as bytes: JSON carries them as base64."""
    if isinstance(item, (bytes, bytearray, memoryview)):
        from binascii import b2a_base64
        return b2a_base64(bytes(item), newline=False).decode("ascii")
    return item


def shows_itself(value):
    method = real_method(value, "_ipython_display_")
    if method is None:
        return False
    try:
        method()
        return True
    except NotImplementedError:
        return False
    except Exception:
        report()
        return True


def real_method(value, name):
    """The method, unless value is a class or an object that claims to have every attribute."""
    if isinstance(value, type):
        return None
    try:
        if not hasattr(type(value), name) and getattr(value, CANARY, None) is not None:
            return None
        method = getattr(value, name, None)
    except Exception:
        return None
    return method if callable(method) else None


def call(value, name, **options):
    method = real_method(value, name)
    if method is None:
        return None
    try:
        return method(**options)
    except NotImplementedError:
        return None
    except Exception:
        report()
        return None


def report():
    """A repr method failed: say so on stderr and go on with the other forms."""
    from .errors import describe
    sys.stderr.write("\n".join(describe(sys.exc_info())["traceback"]) + "\n")


def from_registered(value, mime):
    table = registered.get(mime)
    special = special_for(value, mime)
    if special is not None:
        return special
    if not table:
        return None
    for kind in type(value).__mro__:
        function = table.get(kind) or table.get("%s.%s" % (kind.__module__, kind.__qualname__))
        if function is not None:
            try:
                return function(value)
            except Exception:
                report()
                return None
    return None


def special_for(value, mime):
    """matplotlib figures have no repr method of their own."""
    if mime != "image/png" or "matplotlib.figure" not in sys.modules:
        return None
    if not isinstance(value, sys.modules["matplotlib.figure"].Figure):
        return None
    from .plots import figure_png
    try:
        return figure_png(value)
    except Exception:
        report()
        return None


def plain(value):
    """The text form; a failing __repr__ is told on stderr and replaced."""
    table = registered.get("text/plain")
    if table:
        answer = from_registered(value, "text/plain")
        if isinstance(answer, str):
            return answer
    try:
        if type(value) in SIMPLE:
            return repr(value)
        from .pretty import pretty
        return pretty(value)
    except Exception:
        report()
        return "<%s object at 0x%x, whose repr failed>" % (type(value).__name__, id(value))


SIMPLE = {int, float, bool, complex, str, bytes}


def captured(value, data, metadata):
    """A result inside %%capture goes with the captured displays."""
    from .shim import publish
    publish(data, metadata)
