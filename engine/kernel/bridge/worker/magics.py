"""Line and cell magics: %cd, %%bash and their kin."""
import os
import sys

from .errors import UsageError

LINE, CELL = {}, {}
PROGRAMS = ("ls", "cat", "mkdir", "rmdir", "rm", "cp", "mv", "head", "tail", "ll")
ALIASES = {"ll": "ls -l"}
SILENT = ("config", "autosave", "colors", "xmode", "pylab_import_all", "gui", "precision", "unload_ext")


def run_line(shell, name, line):
    function = LINE.get(name)
    if function is None:
        if name in PROGRAMS:
            from .commands import system
            return system(shell, "%s %s" % (ALIASES.get(name, name), line))
        hint = " But the cell magic `%%%%%s` exists." % name if name in CELL else ""
        raise UsageError("Line magic function `%%%s` not found.%s" % (name, hint))
    from .commands import expand
    return function(shell, line if name in RAW else expand(shell, line))


def run_cell(shell, name, line, cell):
    function = CELL.get(name)
    if function is None:
        hint = " But the line magic `%%%s` exists." % name if name in LINE else ""
        raise UsageError("Cell magic `%%%%%s` not found.%s" % (name, hint))
    return function(shell, line, cell)


RAW = {"time", "timeit", "prun"}  # their argument is code: $ and {} are its own


def line_magic(function):
    LINE[function.__name__.rstrip("_")] = function
    return function


def cell_magic(function):
    CELL[function.__name__.rstrip("_").replace("cell_", "")] = function
    return function


def register(function, kind, name):
    """A magic of the user: called with the line, or the line and the cell."""
    if kind in ("line", "line_cell"):
        LINE[name] = lambda shell, line: function(line)
    if kind in ("cell", "line_cell"):
        CELL[name] = lambda shell, line, cell: function(line, cell)


def register_object(thing):
    for attribute in dir(type(thing)):
        kind, name = getattr(getattr(type(thing), attribute, None), "_nbterm_magic", (None, None))
        if kind:
            register(getattr(thing, attribute), kind, name)


# -- where we are

@line_magic
def cd(shell, line):
    """%cd DIR, %cd - , %cd: change the working directory."""
    from shlex import split
    words = [word for word in split(line) if word != "-q"]
    target = words[0] if words else "~"
    history = shell.ns["_dh"]
    if target == "-":
        if len(history) < 2:
            raise UsageError("There is no previous directory.")
        target = history[-2]
    try:
        os.chdir(os.path.expanduser(target))
    except OSError as error:
        raise UsageError("%s: %s" % (error.strerror, target)) from None
    history.append(os.getcwd())
    if "-q" not in line.split():
        print(os.getcwd())


@line_magic
def pwd(shell, line):
    return os.getcwd()


@line_magic
def env(shell, line):
    """%env, %env NAME, %env NAME=VALUE, %env NAME VALUE."""
    if not line:
        return dict(os.environ)
    name, mark, value = line.partition("=") if "=" in line.split()[0] else line.partition(" ")
    if not mark:
        if name not in os.environ:
            raise UsageError("Environment does not have key: %s" % name)
        return os.environ[name]
    set_env(shell, "%s %s" % (name, value))


@line_magic
def set_env(shell, line):
    name, _, value = line.strip().partition(" ")
    os.environ[name.strip()] = value.strip()
    print("env: %s=%s" % (name.strip(), value.strip()))


@line_magic
def pip(shell, line):
    from .commands import pip as run
    run(shell, line)


@line_magic
def conda(shell, line):
    from shutil import which
    from .commands import system_raw
    path = os.environ.get("CONDA_EXE") or which("conda") or which("mamba")
    if not path:
        raise UsageError("conda was not found: this Python (%s) is not in a conda environment." % sys.executable)
    system_raw(shell, "%s %s" % (path, line))


# -- commands and files

@line_magic
def sx(shell, line):
    from .commands import getoutput
    return getoutput(shell, line)


LINE["system"] = LINE["sc"] = sx


def options_of(line, flags, values):
    """(flags given, values given, remaining words) of a magic's line."""
    from shlex import split
    given, named, rest = set(), {}, []
    words = split(line)
    while words:
        word = words.pop(0)
        key, mark, value = word.partition("=")
        if key in values:
            named[key] = value if mark else words.pop(0) if words else ""
        elif word in flags:
            given.add(word)
        else:
            rest.append(word)
    return given, named, rest


def script_magic(program):
    def run(shell, line, cell):
        from .commands import interpreter, script
        flags, values, rest = options_of(line, ("--no-raise-error", "--bg"), ("--out", "--err"))
        words = (program or "").split() + rest
        if not words:
            raise UsageError("%%script needs the name of a program.")
        argv = [interpreter(words[0])] + words[1:]
        script(shell, argv, cell, "--no-raise-error" not in flags, values.get("--out"), values.get("--err"))
    return run


for name in ("bash", "sh", "perl", "ruby"):
    CELL[name] = script_magic(name)
CELL["script"] = script_magic(None)
CELL["python"] = CELL["python3"] = lambda shell, line, cell: script_magic(sys.executable)(shell, line, cell)
CELL["system"] = CELL["sx"] = CELL["!"] = lambda shell, line, cell: sx(shell, cell)


@cell_magic
def writefile(shell, line, cell):
    """%%writefile [-a] PATH."""
    flags, _, rest = options_of(line, ("-a", "--append"), ())
    if len(rest) != 1:
        raise UsageError("%%writefile needs one file name.")
    path = os.path.expanduser(rest[0])
    word = "Appending to" if flags else "Overwriting" if os.path.exists(path) else "Writing"
    print("%s %s" % (word, rest[0]))
    with open(path, "a" if flags else "w", encoding="utf-8") as file:
        file.write(cell)


CELL["file"] = writefile


@line_magic
def run(shell, line):
    """%run [-i] FILE ARGS: a script in a namespace of its own, or a notebook."""
    flags, _, words = options_of(line, ("-i",), ())
    if not words:
        raise UsageError("%run needs the name of a file.")
    path = os.path.expanduser(words[0])
    if not os.path.exists(path) and os.path.exists(path + ".py"):
        path += ".py"
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise UsageError("%%run %s: %s" % (path, error.strerror)) from None
    if path.endswith(".ipynb"):
        return run_notebook(shell, source)
    argv, first = sys.argv, sys.path[0]
    sys.argv = [path] + words[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    ns = shell.ns if "-i" in flags else {"__builtins__": shell.ns["__builtins__"]}
    ns.update(__name__="__main__", __file__=path)
    try:
        exec(compile(source, path, "exec"), ns)
    except SystemExit as error:
        if error.code not in (None, 0):
            raise
    finally:
        sys.argv, sys.path[0] = argv, first
        ns.pop("__file__", None)
        shell.ns.update({key: value for key, value in ns.items() if not key.startswith("__")})


def run_notebook(shell, source):
    import json
    for cell in json.loads(source.decode("utf-8")).get("cells", ()):
        if cell.get("cell_type") == "code":
            shell.run_source("".join(cell.get("source", "")), shell.cell_name(False, shell.execution_count))


# -- output

@cell_magic
def capture(shell, line, cell):
    """%%capture [NAME] [--no-stdout] [--no-stderr] [--no-display]."""
    from .capturing import Capturing
    flags, _, rest = options_of(line, ("--no-stdout", "--no-stderr", "--no-display"), ())
    with Capturing(shell.kernel.hub, *("--no-" + what not in flags for what in ("stdout", "stderr", "display"))) as kept:
        shell.run_body(cell)
    if rest:
        shell.ns[rest[0]] = kept


def shows(mime):
    def show(shell, line, cell):
        from .shim import publish
        publish({mime: cell, "text/plain": "<%s>" % mime})
    return show


for name, mime in (("html", "text/html"), ("HTML", "text/html"), ("markdown", "text/markdown"), ("latex", "text/latex"),
                   ("svg", "image/svg+xml"), ("SVG", "image/svg+xml"), ("javascript", "application/javascript"),
                   ("js", "application/javascript")):
    CELL[name] = shows(mime)


# -- the namespace

def names_of(shell):
    return sorted(name for name, value in list(shell.ns.items()) if not name.startswith("_") and name not in shell.hidden)


@line_magic
def who_ls(shell, line):
    kinds = line.split()
    return [name for name in names_of(shell) if not kinds or type(shell.ns[name]).__name__ in kinds]


@line_magic
def who(shell, line):
    names = who_ls(shell, line)
    print("\t ".join(names) if names else "Interactive namespace is empty.")


@line_magic
def whos(shell, line):
    names = who_ls(shell, line)
    if not names:
        print("Interactive namespace is empty.")
        return
    rows = [(name, type(shell.ns[name]).__name__, summary(shell.ns[name])) for name in names]
    first = max(8, max(len(row[0]) for row in rows))
    second = max(4, max(len(row[1]) for row in rows))
    print("%-*s   %-*s   Data/Info" % (first, "Variable", second, "Type"))
    print("-" * (first + second + 15))
    for row in rows:
        print("%-*s   %-*s   %s" % (first, row[0], second, row[1], row[2]))


def summary(value):
    shape = getattr(type(value), "shape", None)
    if shape is not None:
        return "shape %s" % (getattr(value, "shape", None),)
    if isinstance(value, (list, dict, set, tuple, frozenset)):
        return "n=%d" % len(value)
    try:
        text = str(value).replace("\n", "\\n")
    except Exception:
        return "?"
    return text if len(text) <= 50 else "%s<...>%s" % (text[:25], text[-20:])


@line_magic
def reset(shell, line):
    """%reset [-f]: forget all names."""
    if "-f" not in line.split():
        answer = shell.kernel.ask("Once deleted, variables cannot be recovered. Proceed (y/[n])? ")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing done.")
            return
    shell.ns.clear()
    shell.last = {"_": "", "__": "", "___": ""}
    shell.fill()


@line_magic
def history(shell, line):
    for number, text in enumerate(shell.inputs):
        if number:
            print(text)


LINE["hist"] = history


@line_magic
def tb(shell, line):
    """%tb: the last traceback, in full."""
    if shell.error is None:
        raise UsageError("No traceback is available yet.")
    from .errors import RULE, chain, heading
    kind, value, trace = shell.error
    sys.stderr.write("\n".join([RULE, heading(kind.__name__)] + chain(value, trace, set())) + "\n")


# -- extensions and settings

@line_magic
def load_ext(shell, line):
    """%load_ext NAME: imports it and calls its load_ipython_extension."""
    name = line.strip()
    if name == "autoreload":
        print("Note: autoreload has no effect in this kernel; restart it, or use importlib.reload, after editing a module.")
        LINE["autoreload"] = LINE["aimport"] = nothing
        return
    from importlib import import_module
    try:
        module = import_module(name)
    except ImportError as error:
        raise UsageError("The extension %s cannot be loaded: %s" % (name, error)) from None
    load = getattr(module, "load_ipython_extension", None)
    if load is None:
        raise UsageError("The %s module is not an IPython extension." % name)
    load(shell.get_ipython())


LINE["reload_ext"] = load_ext


@line_magic
def matplotlib(shell, line):
    """%matplotlib: figures are always shown inline."""
    backend = line.strip()
    if backend in ("-l", "--list"):
        print("Available matplotlib backends: ['inline', 'agg']")
    elif backend not in ("", "inline", "agg"):
        print("Note: there is no %s backend here; figures are shown inline." % backend)


def nothing(shell, line):
    """A setting that has no meaning here."""


for name in SILENT:
    LINE[name] = nothing


@line_magic
def lsmagic(shell, line):
    from . import timing  # noqa: F401 (adds its magics)
    print("Available line magics:\n%s" % "  ".join("%" + name for name in sorted(list(LINE) + list(PROGRAMS))))
    print("\nAvailable cell magics:\n%s" % "  ".join("%%" + name for name in sorted(CELL)))


@line_magic
def pinfo(shell, line):
    from .inspection import page
    page(shell, line.strip(), 0)


@line_magic
def pinfo2(shell, line):
    from .inspection import page
    page(shell, line.strip(), 1)


@line_magic
def debug(shell, line):
    raise UsageError("%debug and %pdb need a terminal debugger, which this kernel does not have; install ipykernel for them.")


LINE["pdb"] = debug

from . import timing  # noqa: E402,F401 (adds %time and %timeit to the tables)
