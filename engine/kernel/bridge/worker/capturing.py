"""%%capture and IPython.utils.capture: output kept in an object instead of shown."""


class Captured:
    """stdout and stderr as text, outputs as a list; show() shows them after all."""

    def __init__(self):
        self.pieces = []
        self.outputs = []

    @property
    def stdout(self):
        return "".join(text for name, text in self.pieces if name == "stdout")

    @property
    def stderr(self):
        return "".join(text for name, text in self.pieces if name == "stderr")

    def __str__(self):
        return self.stdout

    def show(self):
        import sys
        for name, text in self.pieces:
            getattr(sys, name).write(text)
        for output in self.outputs:
            output.display()

    __call__ = show


class Capturing:
    """The context manager; what is not wanted passes through."""

    def __init__(self, hub, stdout=True, stderr=True, display=True):
        self.hub = hub
        self.names = {name for name, on in (("stdout", stdout), ("stderr", stderr), ("display", display)) if on}
        self.captured = Captured()

    def __enter__(self):
        self.hub.settle()
        self.hub.taps.append(self.take)
        return self.captured

    def __exit__(self, *failure):
        self.hub.capture.drain()  # what commands wrote is captured too
        self.hub.taps.remove(self.take)
        return False

    def take(self, name, what):
        if name not in self.names:
            taps, self.hub.taps = self.hub.taps, []
            try:
                if name == "display":
                    what.display()
                else:
                    self.hub.write(name, what)
            finally:
                self.hub.taps = taps
        elif name == "display":
            self.captured.outputs.append(what)
        else:
            self.captured.pieces.append((name, what))
