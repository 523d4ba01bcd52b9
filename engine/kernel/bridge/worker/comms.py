"""Comms: channels between objects here and views in a client, passed both ways."""
import json
import os
import sys

the_manager = None


def manager(kernel):
    global the_manager
    if the_manager is None:
        the_manager = Manager(kernel)
        kernel.comms = the_manager
    return the_manager


def create_comm(*args, **options):
    return Comm(*args, **options)


class Comm:
    """One open channel. Data are JSON values, buffers are bytes."""

    comm_id = target_name = target_module = ""
    primary = True

    def __init__(self, target_name="", data=None, metadata=None, buffers=None, comm_id=None, primary=True,
                 target_module=None, **options):
        self.comm_id = comm_id or os.urandom(16).hex()
        self.target_name, self.target_module, self.primary = target_name, target_module, primary
        self._on_msg = self._on_close = None
        self._closed = False
        if primary:
            self.open(data, metadata, buffers)

    def open(self, data=None, metadata=None, buffers=None):
        the_manager.register_comm(self)
        self._closed = False
        self._publish("comm_open", data, metadata, buffers, target_name=self.target_name, target_module=self.target_module)

    def send(self, data=None, metadata=None, buffers=None):
        self._publish("comm_msg", data, metadata, buffers)

    def close(self, data=None, metadata=None, buffers=None, deleting=False):
        if self._closed:
            return
        self._closed = True
        if not deleting:
            self._publish("comm_close", data, metadata, buffers)
        the_manager.unregister_comm(self)

    def _publish(self, kind, data, metadata, buffers, **extra):
        content = {"comm_id": self.comm_id, "data": {} if data is None else data, **extra}
        if content.get("target_module", "") is None:
            del content["target_module"]
        the_manager.kernel.publish(kind, content, None, metadata, [as_bytes(one) for one in buffers or ()])

    def on_msg(self, callback):
        self._on_msg = callback
        return callback

    def on_close(self, callback):
        self._on_close = callback
        return callback

    def handle_msg(self, message):
        if self._on_msg is not None:
            self._on_msg(message)

    def handle_close(self, message):
        self._closed = True
        if self._on_close is not None:
            self._on_close(message)


def as_bytes(buffer):
    return buffer if isinstance(buffer, bytes) else bytes(memoryview(buffer).cast("B"))


class Manager:
    """Targets that a client may open, and the comms that are open."""

    def __init__(self, kernel=None, **options):
        self.kernel = kernel
        self.targets = {}
        self.comms = {}

    def register_target(self, name, function):
        if isinstance(function, str):
            module, _, attribute = function.rpartition(".")
            function = getattr(__import__(module, fromlist=[attribute]), attribute)
        self.targets[name] = function

    def unregister_target(self, name, function=None):
        return self.targets.pop(name, None)

    def register_comm(self, comm):
        self.comms[comm.comm_id] = comm
        return comm.comm_id

    def unregister_comm(self, comm):
        self.comms.pop(comm.comm_id, None)

    def get_comm(self, comm_id):
        return self.comms.get(comm_id)

    def info(self, target=None):
        return {key: {"target_name": comm.target_name} for key, comm in list(self.comms.items())
                if not target or comm.target_name == target}

    def receive(self, request):
        """Hands a message of the client to its comm, as callbacks know it from ipykernel."""
        content = request.content
        message = {"header": request.header, "msg_type": request.type, "content": content,
                   "metadata": json.loads(request.metadata or b"{}"),
                   "parent_header": {}, "buffers": [memoryview(one) for one in request.buffers]}
        if request.type == "comm_open":
            self.open(content, message)
            return
        comm = self.comms.get(content.get("comm_id"))
        if comm is None:
            return
        if request.type == "comm_close":
            self.comms.pop(comm.comm_id, None)
            comm.handle_close(message)
        else:
            comm.handle_msg(message)

    def open(self, content, message):
        target = self.targets.get(content.get("target_name"))
        comm = Comm(content.get("target_name", ""), comm_id=content.get("comm_id"), primary=False)
        if target is None:
            sys.stderr.write("No such comm target registered: %s\n" % content.get("target_name"))
            comm.close()
            return
        self.register_comm(comm)
        try:
            target(comm, message)
        except Exception:
            comm.close()
            raise
