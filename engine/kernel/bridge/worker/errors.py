"""Tracebacks as people know them from IPython: context lines, an arrow, our own frames cut."""
import os
import sys

RED, GREEN, CYAN, BOLD, RESET = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0;36m", "\x1b[1;32m", "\x1b[0m"
RULE = RED + "-" * 75 + RESET
CONTEXT = 2  # lines shown before and after the one that failed
FRAMES = 40  # frames shown of a long traceback


def describe(failed):
    """The content of an error message: ename, evalue, traceback (a list of strings with ANSI colours)."""
    kind, value, trace = failed
    name, text = kind.__name__, safe_text(value)
    if issubclass(kind, UsageError):
        lines = [RED + "UsageError: " + RESET + text]
    elif issubclass(kind, SystemExit):
        lines = ["An exception has occurred, use %%tb to see the full traceback.\n\n%s" % final(name, text)]
    elif issubclass(kind, SyntaxError) and raised_by_us(trace):
        lines = syntax_error(value, name)
    else:
        lines = [RULE, heading(name)] + chain(value, trace, set())
    return {"ename": name, "evalue": text, "traceback": lines}


class UsageError(Exception):
    """A magic was used wrongly: one sentence is enough, no traceback."""


def heading(name):
    return RED + name + RESET + "Traceback (most recent call last)".rjust(75 - len(name))


def final(name, text):
    return "%s%s%s%s" % (RED, name, RESET, ": " + text if text else "")


def safe_text(value):
    try:
        return str(value)
    except Exception:
        return "<exception str() failed>"


def chain(value, trace, seen):
    """The frames of the exception, with those of its causes before it."""
    seen.add(id(value))
    lines = []
    cause, context = value.__cause__, value.__context__
    earlier, words = None, ""
    if cause is not None:
        earlier, words = cause, "The above exception was the direct cause of the following exception:"
    elif context is not None and not value.__suppress_context__:
        earlier, words = context, "During handling of the above exception, another exception occurred:"
    if earlier is not None and id(earlier) not in seen and len(seen) < 20:
        lines += chain(earlier, earlier.__traceback__, seen)
        lines += ["", words, "", heading(type(value).__name__)]
    lines += frames(trace)
    lines.append(ending(value))
    return lines


def ending(value):
    name, text = type(value).__name__, safe_text(value)
    if isinstance(value, SyntaxError):
        return "\n".join(syntax_error(value, name))
    lines = [final(name, text)]
    for note in getattr(value, "__notes__", None) or ():
        lines.append(str(note))
    for number, inner in enumerate(getattr(value, "exceptions", None) or () if is_group(value) else ()):
        lines.append("  +-- %d. %s" % (number + 1, final(type(inner).__name__, safe_text(inner))))
    return "\n".join(lines)


def is_group(value):
    group = getattr(__import__("builtins"), "BaseExceptionGroup", None)
    return group is not None and isinstance(value, group)


def user_frames(trace):
    """(frame, line number) for the frames that are not ours."""
    while trace is not None:
        if not ours(trace.tb_frame):
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def ours(frame):
    return frame.f_code.co_filename.startswith("<nbterm ") or "__tracebackhide__" in frame.f_locals


def raised_by_us(trace):
    """True for an error in compiling a cell, false for one that the cell met in code of its own."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or ours(trace.tb_frame)


def frames(trace):
    found = list(user_frames(trace))
    if len(found) <= FRAMES:
        return [describe_frame(*one) for one in found]
    half = FRAMES // 2
    skipped = "    [... skipping %d frames ...]\n" % (len(found) - FRAMES)
    return [describe_frame(*one) for one in found[:half]] + [skipped] + [describe_frame(*one) for one in found[-half:]]


def describe_frame(frame, number):
    code = frame.f_code
    name = code.co_filename
    where = ""
    if code.co_name != "<module>":
        where = ", in %s%s%s%s" % (CYAN, getattr(code, "co_qualname", code.co_name), arguments(frame), RESET)
    return "%s%s\n%s" % (place(name, number), where, context(name, number, frame))


def place(name, number):
    if name.startswith("<cell "):
        label = name[6:-1]
        if "." in label:
            return "%sCell%s, line %d" % (GREEN, RESET, number)
        return "Cell %sIn[%s], line %d%s" % (GREEN, label, number, RESET)
    return "File %s%s:%d%s" % (GREEN, short(name), number, RESET)


def short(name):
    home = os.path.expanduser("~")
    return "~" + name[len(home):] if home != "/" and name.startswith(home + os.sep) else name


def arguments(frame):
    code = frame.f_code
    names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    return "(" + ", ".join(names) + ")"


def context(name, number, frame):
    import linecache
    lines = linecache.getlines(name, frame.f_globals)
    if not 0 < number <= len(lines):
        return ""
    first = max(1, number - CONTEXT)
    out = []
    for at in range(first, min(len(lines), number + CONTEXT) + 1):
        text = lines[at - 1].rstrip("\r\n")
        if at == number:
            out.append("%s%s %d%s %s\n" % (BOLD, "-" * max(1, 5 - len(str(at))) + ">", at, RESET, text))
        else:
            out.append("%s%7d%s %s\n" % (GREEN, at, RESET, text))
    return "".join(out)


def syntax_error(value, name):
    """The line, a caret under the place, the message."""
    lines = []
    if value.filename is not None:
        lines.append("  %s" % place(str(value.filename), value.lineno or 0))
    text = source_line(value)
    if text:
        stripped = text.lstrip()
        lines.append("    " + stripped)
        if value.offset:
            at = max(0, min(value.offset - 1, len(text)) - (len(text) - len(stripped)))
            lines.append("    " + " " * at + RED + "^" + RESET)
    lines.append("%s%s:%s %s\n" % (RED, name, RESET, value.msg))
    return ["\n".join(lines)]


def source_line(value):
    text = value.text
    if not text and value.filename and value.lineno:
        import linecache
        text = linecache.getline(str(value.filename), value.lineno)
    return text.rstrip() if isinstance(text, str) else ""
