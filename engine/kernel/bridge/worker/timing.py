"""%time, %timeit and their cell forms."""
import time as clock

from .magics import CELL, LINE, UsageError

UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def span(seconds, digits=3):
    """Seconds as people read them: 1min 5s, 1.2 ms, 300 ns."""
    if seconds >= 60:
        parts = []
        for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
            if seconds >= size or size == 1:
                parts.append("%d%s" % (seconds // size, unit))
                seconds %= size
        return " ".join(part for part in parts if not part.startswith("0"))
    for size, unit in UNITS:
        if seconds >= size:
            break
    else:
        size, unit = UNITS[-1]
    return "%.*g %s" % (digits, seconds / size, unit) if seconds else "0 ns"


def timed(run):
    """Runs and tells what it took; gives run's value."""
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

    def used():
        both = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
        return sum(one.ru_utime for one in both), sum(one.ru_stime for one in both)
    wall, before = clock.perf_counter(), used()
    try:
        return run()
    finally:
        after, wall = used(), clock.perf_counter() - wall
        user, kernel = after[0] - before[0], after[1] - before[1]
        print("CPU times: user %s, sys: %s, total: %s" % (span(user), span(kernel), span(user + kernel)))
        print("Wall time: %s" % span(wall))


def time(shell, line):
    """%time STATEMENT: its value is that of the statement."""
    if not line:
        return None
    name = shell.cell_name(False, shell.execution_count)
    tree, _ = shell.parse(line, name)
    last = shell.split_last(tree)

    def run():
        if tree.body:
            shell.execute(tree, name, "exec")
        return shell.execute(last, name, "eval") if last is not None else None
    return timed(run)


def cell_time(shell, line, cell):
    return timed(lambda: shell.run_body(cell, show=False))


def timeit(shell, line, cell=None):
    """%timeit [-n N] [-r R] [-q] [-o] STATEMENT; %%timeit SETUP and a body."""
    import timeit as library
    number, repeat, quiet, give, code = arguments(line)
    if cell is None:
        setup, body = "pass", code
    else:
        setup, body = code or "pass", cell
    if not body.strip():
        raise UsageError("%timeit needs a statement to time.")
    from .syntax import transform
    timer = library.Timer(transform(body, shell), transform(setup, shell), globals=shell.ns)
    if not number:
        number = loops(timer)
    runs = [taken / number for taken in timer.repeat(repeat, number)]
    result = TimeitResult(number, repeat, runs)
    if not quiet:
        print(result)
    return result if give else None


def arguments(line):
    number, repeat, quiet, give = 0, 7, False, False
    words = line.split(" ")
    while words and (not words[0] or words[0].startswith("-")):
        word = words.pop(0)
        if word[:2] in ("-n", "-r"):
            value = word[2:] or (words.pop(0) if words else "")
            if not value.isdigit():
                raise UsageError("%%timeit: %s needs a number." % word[:2])
            number, repeat = (int(value), repeat) if word[1] == "n" else (number, max(1, int(value)))
        elif word == "-q":
            quiet = True
        elif word == "-o":
            give = True
        elif word not in ("", "-t", "-c", "-p3"):
            words.insert(0, word)
            break
    return number, repeat, quiet, give, " ".join(words)


def loops(timer):
    """As many as take 0.2 s or more."""
    number = 1
    while timer.timeit(number) < 0.2 and number < 10 ** 9:
        number *= 10
    return number


class TimeitResult:
    """Seconds per loop of each run."""

    def __init__(self, loops, repeat, runs):
        self.loops, self.repeat, self.all_runs = loops, repeat, runs
        self.best, self.worst = min(runs), max(runs)
        self.average = sum(runs) / len(runs)
        self.stdev = (sum((one - self.average) ** 2 for one in runs) / len(runs)) ** 0.5
        self.timings = runs

    def __str__(self):
        return "%s ± %s per loop (mean ± std. dev. of %d run%s, %s loop%s each)" % (
            span(self.average), span(self.stdev), self.repeat, "s" if self.repeat != 1 else "",
            format(self.loops, ","), "s" if self.loops != 1 else "")

    def __repr__(self):
        return "<TimeitResult : %s>" % self


LINE["time"], CELL["time"] = time, cell_time
LINE["timeit"] = CELL["timeit"] = timeit
