"""Top-level await: cells on one event loop, whose tasks go on between cells."""
import asyncio
from asyncio import events

NAMES = {"create_task", "ensure_future", "get_running_loop", "current_task"}
OWN = {"run", "run_until_complete"}


def loop_of(shell):
    """The loop that all cells share."""
    if shell.loop is None or shell.loop.is_closed():
        shell.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(shell.loop)
    return shell.loop


def run(shell, coroutine):
    """Runs the coroutine of a cell to its end; an interrupt cancels it."""
    loop = loop_of(shell)
    task = loop.create_task(coroutine)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        try:
            loop.run_until_complete(task)
        except BaseException:
            pass
        raise


def wants_loop(code):
    """True for code that schedules tasks without awaiting, as Jupyter's always running loop allows."""
    names = set(code.co_names)
    return bool(names & NAMES) and not names & OWN


def with_loop(shell, code):
    """Runs plain code as if the loop were running, so that asyncio.create_task works."""
    loop = loop_of(shell)
    events._set_running_loop(loop)
    try:
        return eval(code, shell.ns)
    finally:
        events._set_running_loop(None)


def take(loop, inbox):
    """The next request, with the loop's tasks running while there is none."""
    if not inbox.empty() or loop.is_closed() or not asyncio.all_tasks(loop):
        return inbox.get()

    async def waiting():
        while inbox.empty():
            if len(asyncio.all_tasks(loop)) == 1:  # only this one is left
                return
            await asyncio.sleep(0.005)

    loop.run_until_complete(waiting())
    return inbox.get()
