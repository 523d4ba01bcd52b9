"""Finds the object that an expression names, without running user code.

Attributes are read only from modules, classes, instance dictionaries and types
known to be harmless; a property is never called, a call is never made.
"""
import ast
import builtins
from types import ModuleType

HARMLESS = ("pandas.", "numpy.", "polars.", "datetime", "pathlib")
LOOKUP = (list, tuple, dict, str)


class Unknown(Exception):
    """The expression cannot be resolved safely."""


class Instance:
    """Some object of a class, not known which: what a call of the class would make."""

    def __init__(self, kind):
        self.kind = kind


def resolve(text, ns):
    """The object or an Instance; raises Unknown."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        raise Unknown(text) from None
    return visit(tree.body, ns)


def visit(node, ns):
    if isinstance(node, ast.Name):
        if node.id in ns:
            return ns[node.id]
        if hasattr(builtins, node.id):
            return getattr(builtins, node.id)
    elif isinstance(node, ast.Attribute):
        return attribute(visit(node.value, ns), node.attr)
    elif isinstance(node, ast.Constant):
        return node.value
    elif isinstance(node, (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.JoinedStr, ast.ListComp, ast.DictComp, ast.SetComp)):
        return Instance({"List": list, "ListComp": list, "Dict": dict, "DictComp": dict, "Set": set, "SetComp": set,
                         "Tuple": tuple, "JoinedStr": str}[type(node).__name__])
    elif isinstance(node, ast.Subscript):
        return item(visit(node.value, ns), node.slice, ns)
    elif isinstance(node, ast.Call):
        return made_by(visit(node.func, ns))
    raise Unknown(ast.dump(node))


def attribute(value, name):
    if isinstance(value, Instance):
        return static(value.kind, name)
    if isinstance(value, (ModuleType, type)):
        try:
            return getattr(value, name)
        except Exception:
            raise Unknown(name) from None
    kind = type(value)
    try:
        own = object.__getattribute__(value, "__dict__")
    except Exception:
        own = {}
    if isinstance(own, dict) and name in own:
        return own[name]
    full = "%s.%s" % (kind.__module__, kind.__name__)
    if full.startswith(HARMLESS) or kind.__module__ == "builtins":
        try:
            return getattr(value, name)
        except Exception:
            raise Unknown(name) from None
    found = static(kind, name)
    if callable(found) and hasattr(found, "__get__") and not isinstance(found, type):
        try:
            return found.__get__(value, kind) if type(found).__module__ == "builtins" else found
        except Exception:
            return found
    return found


def static(kind, name):
    """What the class has under the name, descriptors unopened."""
    for one in kind.__mro__:
        if name in one.__dict__:
            found = one.__dict__[name]
            if isinstance(found, (classmethod, staticmethod)):
                return found.__func__
            return found
    raise Unknown(name)


def item(value, key, ns):
    if isinstance(key, getattr(ast, "Index", ())) and hasattr(key, "value"):  # 3.8
        key = key.value
    if type(value) not in LOOKUP:
        raise Unknown("subscript")
    key = visit(key, ns)
    try:
        return value[key]
    except Exception:
        raise Unknown("subscript") from None


def made_by(function):
    if isinstance(function, type):
        return Instance(function)
    annotations = getattr(function, "__annotations__", None)
    made = annotations.get("return") if isinstance(annotations, dict) else None
    if isinstance(made, type):
        return Instance(made)
    raise Unknown("call")


def names_in(value):
    """The attribute names of an object or Instance."""
    try:
        return [name for name in dir(value.kind if isinstance(value, Instance) else value) if isinstance(name, str)]
    except Exception:
        return []


def expression_before(text):
    """The expression that ends at the end of text: names, dots, brackets, strings."""
    at = len(text)
    while at > 0:
        char = text[at - 1]
        if char.isalnum() or char in "_.":
            at -= 1
        elif char in ")]}":
            start = opening(text, at - 1)
            if start is None:
                break
            at = start
            if char == "}" or (at and not (text[at - 1].isalnum() or text[at - 1] in "_)]\"'.")):
                break
        elif char in "\"'" and at == len(text):
            start = text.rfind(char, 0, at - 1)
            if start < 0:
                break
            return text[start:]
        else:
            break
    return text[at:]


def opening(text, at):
    """Where the bracket that closes at `at` opens; quotes are skipped roughly."""
    depth = 0
    while at >= 0:
        if text[at] in ")]}":
            depth += 1
        elif text[at] in "([{":
            depth -= 1
            if depth == 0:
                return at
        elif text[at] in "\"'":
            start = text.rfind(text[at], 0, at)
            if start >= 0:
                at = start
        at -= 1
    return None


def open_call(text):
    """The callable's text when text ends inside the brackets of a call, else None."""
    depth, quote = 0, None
    stack = []
    for at, char in enumerate(text):
        if quote:
            if char == quote and text[at - 1] != "\\":
                quote = None
        elif char in "\"'":
            quote = char
        elif char in "([{":
            stack.append(at)
        elif char in ")]}" and stack:
            stack.pop()
    del depth
    while stack and text[stack[-1]] != "(":
        stack.pop()
    if not stack:
        return None
    return expression_before(text[:stack[-1]]) or None
