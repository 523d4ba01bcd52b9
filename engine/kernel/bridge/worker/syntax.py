"""Magics, shell commands and help in a cell's source: turned into Python; is_complete.

Only statements are looked at: a `%` in an expression or in a string stays. Each
line becomes one line, so that line numbers in tracebacks are those of the cell.
"""
import re

ONLY_AST = 0x400
AWAIT = 0x2000
ASSIGN = re.compile(r"(\s*)([A-Za-z_][\w.\[\]'\", *]*?)\s*=\s*([!%])(?!=)\s*(.*)$", re.S)
HELP = re.compile(r"(\s*)(\?{0,2})\s*(%{0,2}[\w.*]+(?:\[[^\]]*\])?(?:\.[\w*]+)*)\s*(\?{0,2})\s*;?\s*$")


def transform(code, shell=None):
    """The cell as Python source; code itself when there is nothing to change."""
    stripped = code.lstrip("\n")
    if stripped.startswith("%%") and not asks_help(stripped.split("\n", 1)[0]):
        return cell_magic(stripped)
    if parses(code):
        return bare_magic("", code.strip(), shell) or code
    return "".join(statement(lines, shell) for lines in statements(code))


def asks_help(line):
    found = HELP.match(line)
    return bool(found and (found.group(2) or found.group(4)))


def parses(code):
    try:
        compile(code + "\n", "<cell>", "exec", ONLY_AST | AWAIT)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def cell_magic(code):
    first, _, body = code.partition("\n")
    name, _, line = first[2:].strip().partition(" ")
    return "get_ipython().run_cell_magic(%r, %r, %r)\n" % (name, line.strip(), body)


def statements(code):
    """Splits source into logical lines: each a list of physical lines with their ends."""
    group, depth, quote = [], 0, ""
    for line in code.splitlines(True):
        escaped = not group and is_escape(line)
        group.append(line)
        if escaped or (len(group) > 1 and is_escape(group[0])):
            if line.rstrip("\r\n").endswith("\\"):
                continue
        else:
            depth, quote, continued = scan(line, depth, quote)
            if depth > 0 or quote or continued:
                continue
        yield group
        group, depth, quote = [], 0, ""
    if group:
        yield group


def is_escape(line):
    text = line.lstrip()
    return text[:1] in ("%", "!", "?") and bool(text) or bool(ASSIGN.match(line.rstrip("\r\n")))


def scan(line, depth, quote):
    """Bracket depth, open triple quote and continuation at the end of a physical line."""
    at, end = 0, len(line.rstrip("\r\n"))
    while at < end:
        if quote:
            found = line.find(quote, at)
            while found > 0 and backslashes(line, found) % 2:
                found = line.find(quote, found + 1)
            if found < 0:
                return depth, quote, False
            at, quote = found + len(quote), ""
            continue
        char = line[at]
        if char == "#":
            return depth, quote, False
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char in "'\"":
            if line.startswith(char * 3, at):
                at, quote = at + 3, char * 3
                continue
            at = skip_string(line, at, end)
            continue
        at += 1
    return depth, quote, line[:end].endswith("\\")


def backslashes(line, at):
    count = 0
    while at - count > 0 and line[at - count - 1] == "\\":
        count += 1
    return count


def skip_string(line, at, end):
    char, at = line[at], at + 1
    while at < end and line[at] != char:
        at += 2 if line[at] == "\\" else 1
    return at + 1


def statement(lines, shell=None):
    """One logical line, transformed where it is not Python."""
    text = "".join(lines)
    line = text.rstrip("\r\n")
    tail = "\n" * text.count("\n")
    if is_escape(line) or len(lines) == 1:
        joined = re.sub(r"\\\r?\n", " ", line)
        new = escape(joined, shell)
        if new is not None:
            return new + (tail or "\n")
    return text


def escape(line, shell=None):
    """Python for a line with IPython's syntax; None for one without."""
    indent = line[:len(line) - len(line.lstrip())]
    text = line.strip()
    help_ = HELP.match(line)
    if help_ and (help_.group(2) or help_.group(4)):
        marks = help_.group(2) or help_.group(4)
        return "%sget_ipython().inspect(%r, %d)" % (indent, help_.group(3), len(marks) - 1)
    if text.startswith("!!"):
        return "%sget_ipython().getoutput(%r)" % (indent, text[2:].strip())
    if text.startswith("!"):
        return "%sget_ipython().system(%r)" % (indent, text[1:].strip())
    if text.startswith("%"):
        name, _, rest = text.lstrip("%").partition(" ")
        return "%sget_ipython().run_line_magic(%r, %r)" % (indent, name, rest.strip())
    assign = ASSIGN.match(line)
    if assign:
        indent, target, mark, rest = assign.groups()
        if mark == "!":
            return "%s%s = get_ipython().getoutput(%r)" % (indent, target, rest)
        name, _, rest = rest.partition(" ")
        return "%s%s = get_ipython().run_line_magic(%r, %r)" % (indent, target, name, rest.strip())
    return bare_magic(indent, text, shell)


def bare_magic(indent, text, shell):
    """`pip install x`: a magic's name at the start of a line that is not Python."""
    if shell is None:
        return None
    name, _, rest = text.partition(" ")
    from .shell import AUTO
    if name not in AUTO or name in shell.ns or "\n" in text or rest[:1] in ("=", ".", "(", ","):
        return None
    if rest and parses(text):  # `ls -l` could be a subtraction, but ls has no value
        rest = rest if rest.startswith("-") else ""
        if not rest:
            return None
    return "%sget_ipython().run_line_magic(%r, %r)" % (indent, name, rest.strip())


def is_complete(shell, code):
    """The content of is_complete_reply, by the rules of the interactive interpreter."""
    if not code.strip():
        return {"status": "complete"}
    if code.lstrip("\n").startswith("%%"):
        return {"status": "complete" if code.endswith("\n") or "\n" not in code else "incomplete", "indent": ""}
    source = transform(code, shell)
    import codeop
    import warnings
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiler = codeop.Compile()
            compiler.flags |= AWAIT | shell.flags
            code_object = codeop._maybe_compile(compiler, source, "<cell>", "exec")
    except (SyntaxError, OverflowError, ValueError):
        return {"status": "invalid"}
    if code_object is None or needs_blank_line(source):
        return {"status": "incomplete", "indent": next_indent(source)}
    return {"status": "complete"}


def needs_blank_line(source):
    """A block goes on until a blank line ends it."""
    lines = source.split("\n")
    if len(lines) < 2 and not lines[-1].rstrip().endswith(":"):
        return False
    last = lines[-1]
    return bool(last.strip()) and last[:1] in " \t" and not source.endswith("\n")


def next_indent(source):
    lines = [line for line in source.split("\n") if line.strip()]
    if not lines:
        return ""
    last = lines[-1]
    indent = last[:len(last) - len(last.lstrip())]
    text = last.split("#")[0].rstrip()
    if text.endswith(":"):
        return indent + "    "
    if re.match(r"\s*(return|pass|break|continue|raise)\b", last):
        return indent[:-4]
    return indent
