"""Text for a value: its repr, with long containers broken one item to a line."""
import sys

WIDTH = 79
MANY = 1000  # items shown of one container


def pretty(value):
    return form(value, 0, set())


def form(value, indent, seen):
    """The text of value when it starts at column indent."""
    kind = type(value)
    if kind.__repr__ in CONTAINERS and id(value) not in seen:
        return container(value, indent, seen)
    if isinstance(value, type):
        return class_name(value) if kind.__repr__ is type.__repr__ else repr(value)
    if kind in FUNCTIONS:
        return function(value)
    if kind.__repr__ is object.__repr__:
        return "<%s at 0x%x>" % (class_name(kind), id(value))
    text = repr(value)
    if "\n" in text and indent:
        text = text.replace("\n", "\n" + " " * indent)
    return text


def container(value, indent, seen):
    kind = type(value)
    opening, closing = CONTAINERS[kind.__repr__]
    if kind.__repr__ is set.__repr__ or kind.__repr__ is frozenset.__repr__:
        opening, closing = sets(value, kind)
    name = ""
    if kind.__repr__ is DEFAULTDICT_REPR:
        name = "defaultdict(%s, " % form(value.default_factory, 0, seen)
        opening, closing = name + "{", "})"
    if not len(value):
        return opening + closing
    seen = seen | {id(value)}
    inner = indent + len(opening)
    items, cut = [], False
    for number, item in enumerate(ordered(value, kind)):
        if number == MANY:
            cut = True
            break
        items.append(entry(value, item, inner, seen))
    if cut:
        items.append("...")
    elif isinstance(value, tuple) and len(value) == 1:
        items[0] += ","
    width = inner + sum(len(item) + 2 for item in items) - 2 + len(closing)
    if width <= WIDTH and not any("\n" in item for item in items):
        return opening + ", ".join(items) + closing
    return opening + (",\n" + " " * inner).join(items) + closing


def entry(value, item, inner, seen):
    if isinstance(value, dict):
        key = form(item, inner, seen)
        return key + ": " + form(value[item], inner + len(key.rsplit("\n", 1)[-1]) + 2, seen)
    if id(item) in seen:
        return "<Recursion on %s with id=%d>" % (type(item).__name__, id(item))
    return form(item, inner, seen)


def sets(value, kind):
    if kind is set:
        return ("{", "}") if value else ("set()", "")
    name = kind.__name__
    return (name + "({", "})") if value else (name + "()", "")


def ordered(value, kind):
    """Sets are shown sorted where that is possible."""
    if isinstance(value, (set, frozenset)) and len(value) < MANY:
        try:
            return sorted(value)
        except Exception:
            return value
    return value


def class_name(value):
    module = value.__module__
    name = value.__qualname__
    return name if module in (None, "builtins", "exceptions") else "%s.%s" % (module, name)


def function(value):
    from inspect import signature
    name = getattr(value, "__qualname__", value.__name__)
    module = value.__module__
    if module not in ("builtins", "exceptions", None):
        name = "%s.%s" % (module, name)
    try:
        return "<function %s%s>" % (name, signature(value))
    except (ValueError, TypeError):
        return "<function %s>" % name


DEFAULTDICT_REPR = getattr(sys.modules.get("_collections"), "defaultdict", dict).__repr__
FUNCTIONS = {type(pretty), type(len)}
CONTAINERS = {
    list.__repr__: ("[", "]"), tuple.__repr__: ("(", ")"), dict.__repr__: ("{", "}"),
    set.__repr__: ("{", "}"), frozenset.__repr__: ("frozenset({", "})"), DEFAULTDICT_REPR: ("{", "}"),
}
