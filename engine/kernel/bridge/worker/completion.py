"""What may stand at the cursor: magics, paths, modules, keys, attributes, arguments, names."""
import builtins
import keyword
import os
import re
import sys

from . import lookup

WORD = re.compile(r"[^\W\d]\w*$|$")
IMPORT = re.compile(r"^\s*import\s+(?:.*,\s*)?([\w.]*)$")
FROM = re.compile(r"^\s*from\s+([\w.]*)$")
FROM_IMPORT = re.compile(r"^\s*from\s+([\w.]+)\s+import\s+\(?(?:.*,\s*)?(\w*)$")
MAGIC = re.compile(r"^\s*(%{1,2})(\w*)$")
KEY = re.compile(r"([\w.\])]+)\[\s*(?P<key>[bru]?(['\"])[^'\"]*|-?\d*)$")
PATH_MAGIC = re.compile(r"^\s*(?:!.*\s|!|%(?:cd|run|ls|cat|writefile|load)\s+(?:.*\s)?|%%writefile\s+)(\S*)$")
MANY = 5000


def complete(shell, content):
    """The content of complete_reply."""
    code = content.get("code", "")
    cursor = content.get("cursor_pos")
    cursor = len(code) if cursor is None else max(0, min(cursor, len(code)))
    before = code[:cursor]
    line = before.rsplit("\n", 1)[-1]
    start, matches = find(shell.ns, before, line)
    unique = list(dict.fromkeys(matches))[:MANY]
    return {"status": "ok", "matches": unique, "cursor_start": cursor - (len(line) - start), "cursor_end": cursor,
            "metadata": {}}


def find(ns, before, line):
    """(column in line where the matches start, the matches)."""
    found = MAGIC.match(line)
    if found:
        return magics(found)
    found = PATH_MAGIC.match(line)
    if found:
        return found.start(1), paths(found.group(1))
    for pattern, finder in ((FROM_IMPORT, members), (IMPORT, modules), (FROM, modules)):
        found = pattern.match(line)
        if found:
            return finder(found)
    found = KEY.search(line)
    if found and quotes_open(line) in (None, found.group(3)):
        keys = dict_keys(ns, lookup.expression_before(line[:found.start("key")].rstrip().rstrip("[")), found.group("key"))
        if keys:
            return found.start("key"), keys
    quote = quotes_open(line)
    if quote:
        at = line.rindex(quote) + 1
        return at, paths(line[at:])
    return names(ns, before, line)


def quotes_open(line):
    """The quote that is open at the end of line."""
    quote = None
    for at, char in enumerate(line):
        if quote:
            if char == quote and line[at - 1] != "\\":
                quote = None
        elif char == "#":
            return None
        elif char in "\"'":
            quote = char
    return quote


def magics(found):
    from .magics import CELL, LINE, PROGRAMS
    mark, prefix = found.groups()
    matches = ["%%" + name for name in CELL if name.startswith(prefix)]
    if mark == "%":
        matches = ["%" + name for name in list(LINE) + list(PROGRAMS) if name.startswith(prefix)] + matches
    return found.start(1), sorted(matches, key=lambda name: (name.startswith("%%"), name))


def paths(prefix):
    folder, name = os.path.split(prefix)
    try:
        entries = list(os.scandir(os.path.expanduser(folder) or "."))
    except OSError:
        return []
    matches = []
    for entry in entries:
        if entry.name.startswith(name) and (name.startswith(".") or not entry.name.startswith(".")):
            try:
                slash = "/" if entry.is_dir() else ""
            except OSError:
                slash = ""
            matches.append(os.path.join(folder, entry.name) + slash)
    return sorted(matches)


def dict_keys(ns, expression, prefix):
    try:
        value = lookup.resolve(expression, ns)
    except lookup.Unknown:
        return []
    kind = "%s.%s" % (type(value).__module__, type(value).__name__)
    if isinstance(value, dict):
        keys = list(value)
    elif kind.startswith("pandas."):
        keys = list(getattr(value, "columns", ()))
    elif getattr(getattr(value, "dtype", None), "names", None):
        keys = list(value.dtype.names)
    else:
        return []
    quote = prefix[0] if prefix[:1] in ("'", '"') else None
    matches = []
    for key in keys[:MANY]:
        text = repr(key) if type(key) in (str, int, bytes) else None
        if text is None:
            continue
        if quote and isinstance(key, str) and quote not in key and "\\" not in text:
            text = quote + key + quote
        if text.startswith(prefix):
            matches.append(text)
    return matches


# -- modules

def modules(found):
    text = found.group(1)
    parent, _, prefix = text.rpartition(".")
    return found.end(1) - len(prefix), sorted(name for name in module_names(parent) if name.startswith(prefix))


def module_names(parent):
    """Importable modules below parent, or all of the top level."""
    names = set(sys.builtin_module_names) if not parent else set()
    for folder in search_path(parent):
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            name, dot, rest = entry.partition(".")
            if not name.isidentifier() or name == "__pycache__":
                continue
            if rest == "py" or rest.endswith("so") or (not dot and os.path.isdir(os.path.join(folder, entry))):
                names.add(name)
    if parent:  # os.path is no file of its own
        names.update(name[len(parent) + 1:].split(".")[0] for name in list(sys.modules) if name.startswith(parent + "."))
    names.discard("__init__")
    return names


def search_path(parent):
    if not parent:
        return sys.path
    if parent in sys.modules:
        return list(getattr(sys.modules[parent], "__path__", ()))
    first, *rest = parent.split(".")
    return [os.path.join(folder, first, *rest) for folder in sys.path]


def members(found):
    module, prefix = found.groups()
    if module in sys.modules:
        names = set(lookup.names_in(sys.modules[module]))
    else:
        names = set(source_names(module))
    names |= module_names(module)
    return found.start(2), visible(names, prefix)


def source_names(module):
    """Top-level names of a module that is not imported, read from its source."""
    import ast
    for folder in search_path(module.rpartition(".")[0]):
        base = os.path.join(folder, module.rpartition(".")[2])
        for path in (base + ".py", os.path.join(base, "__init__.py")):
            try:
                with open(path, "rb") as file:
                    tree = ast.parse(file.read())
            except (OSError, SyntaxError, ValueError):
                continue
            return [name for node in tree.body for name in bound(node)]
    return []


def bound(node):
    if hasattr(node, "name"):
        return [node.name]
    if hasattr(node, "names"):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names if hasattr(alias, "name")]
    return [target.id for target in getattr(node, "targets", ()) if hasattr(target, "id")]


# -- names

def names(ns, before, line):
    word = WORD.search(line).group()
    start = len(line) - len(word)
    head = line[:start]
    if head.rstrip().endswith("."):
        expression = lookup.expression_before(head.rstrip()[:-1])
        try:
            value = lookup.resolve(expression, ns)
        except lookup.Unknown:
            return start, []
        return start, visible(set(lookup.names_in(value)), word)
    matches = [name + "=" for name in arguments(ns, before[:len(before) - len(word)]) if name.startswith(word)]
    if not word and not matches:
        return start, []
    pool = set(ns) | set(dir(builtins)) | set(keyword.kwlist)
    return start, matches + visible(pool, word)


def visible(names, prefix):
    """Those that start with prefix; private ones only when asked for."""
    found = [name for name in names if name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_"))]
    return sorted(found, key=lambda name: (name.startswith("__"), name.startswith("_"), name.lower(), name))


def arguments(ns, before):
    """Names of the parameters of the call whose brackets are open."""
    expression = lookup.open_call(before[-2000:])
    if expression is None:
        return []
    try:
        value = lookup.resolve(expression, ns)
        import inspect
        parameters = inspect.signature(value).parameters.values()
    except Exception:
        return []
    return [one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
