"""What is known of the object at the cursor: signature, docstring, source."""
import re

from . import lookup

RED, RESET = "\x1b[0;31m", "\x1b[0m"
NAME = re.compile(r"[\w.]*$")
REST = re.compile(r"\w*")
MUCH = 20000  # characters of a text form, before it is cut


def inspect_reply(shell, content):
    """The content of inspect_reply."""
    code, cursor = content.get("code", ""), content.get("cursor_pos")
    cursor = len(code) if cursor is None else max(0, min(cursor, len(code)))
    text = at_cursor(shell, code, cursor, int(content.get("detail_level") or 0))
    if text is None:
        return {"status": "ok", "found": False, "data": {}, "metadata": {}}
    return {"status": "ok", "found": True, "data": {"text/plain": text}, "metadata": {}}


def at_cursor(shell, code, cursor, detail):
    """The name under the cursor; where that is nothing, the call whose brackets are open."""
    head = code[:cursor] + REST.match(code[cursor:]).group()
    magic = re.search(r"(?:^|\n)\s*(%{1,2}\w+)$", head)
    if magic:
        return describe_name(shell, magic.group(1), detail)
    for expression in (lookup.expression_before(head), lookup.open_call(code[:cursor][-2000:])):
        if expression:
            text = describe_name(shell, expression, detail)
            if text is not None:
                return text
    return None


def describe_name(shell, name, detail):
    if name.startswith("%"):
        return describe_magic(name, detail)
    try:
        value = lookup.resolve(name, shell.ns)
    except lookup.Unknown:
        return None
    if isinstance(value, lookup.Instance):
        value = value.kind
    return describe(value, name, detail)


def describe_magic(name, detail):
    from .magics import CELL, LINE
    function = (CELL if name.startswith("%%") else LINE).get(name.lstrip("%"))
    if function is None:
        return None
    return field("Docstring", function.__doc__ or "Magic %s" % name)


def describe(value, name, detail):
    import inspect
    lines = []
    signature = signature_of(value, name)
    if signature:
        lines.append(field("Init signature" if isinstance(value, type) else "Signature", signature))
    plain = not callable(value) and not inspect.ismodule(value)
    kind = type(value)
    if plain:
        lines.append(field("Type", kind.__name__))
        lines.append(field("String form", text_form(value)))
        if isinstance(value, (list, tuple, dict, set, str, bytes)):
            lines.append(field("Length", str(len(value))))
    source = source_of(value) if detail else None
    if source:
        lines.append(field("Source", "\n" + source.rstrip()))
    else:
        lines.append(field("Docstring", docstring(value) or "<no docstring>"))
    path = file_of(value)
    if path:
        lines.append(field("File", path))
    if not plain:
        lines.append(field("Type", kind.__name__))
    return "\n".join(lines)


def field(label, text):
    text = str(text)
    if "\n" in text.strip() and not text.startswith("\n"):
        text = "\n" + text
    return "%s%s:%s%s%s" % (RED, label, RESET, "" if text.startswith("\n") else " " * max(1, 11 - len(label)), text)


def signature_of(value, name):
    if not callable(value):
        return None
    import inspect
    try:
        return "%s%s" % (name.rpartition(".")[2], inspect.signature(value))
    except (ValueError, TypeError):
        return None
    except Exception:
        return None


def docstring(value):
    import inspect
    try:
        return inspect.getdoc(value)
    except Exception:
        return None


def text_form(value):
    try:
        text = str(value)
    except Exception as error:
        text = "<str() failed: %s>" % type(error).__name__
    return text if len(text) <= MUCH else text[:MUCH] + "..."


def unwrapped(value):
    import inspect
    if isinstance(value, property):
        value = value.fget
    try:
        return inspect.unwrap(value) if callable(value) else type(value)
    except ValueError:
        return value


def source_of(value):
    import inspect
    value = unwrapped(value)
    try:
        return inspect.getsource(value)
    except Exception:
        return class_source(value) if isinstance(value, type) else None


def class_source(kind):
    """A class of a cell has no file: its methods tell which cell made it."""
    import ast
    import linecache
    from .syntax import transform
    for item in list(vars(kind).values()):
        code = getattr(item, "__code__", None)
        if code is None:
            continue
        text = "".join(linecache.getlines(code.co_filename))
        try:
            tree = ast.parse(transform(text))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
                return "\n".join(text.splitlines()[node.lineno - 1:node.end_lineno])
    return None


def file_of(value):
    import inspect
    try:
        path = inspect.getfile(unwrapped(value))
    except Exception:
        return None
    return None if path.startswith("<") else path


def page(shell, name, detail):
    """`obj?`: the text goes to the client's pager."""
    if "*" in name:
        text = "\n".join(matching(shell, name))
    else:
        text = describe_name(shell, name, detail)
    if not text:
        print("Object `%s` not found." % name)
        return
    shell.kernel.payload.append({"source": "page", "data": {"text/plain": text}, "start": 0})


def matching(shell, pattern):
    """`np.*sum*?`: the names that match."""
    from fnmatch import fnmatch
    parent, _, last = pattern.rpartition(".")
    if not parent:
        import builtins
        return sorted(name for name in set(shell.ns) | set(dir(builtins)) if fnmatch(name, last))
    try:
        value = lookup.resolve(parent, shell.ns)
    except lookup.Unknown:
        return []
    return sorted("%s.%s" % (parent, name) for name in lookup.names_in(value) if fnmatch(name, last))
