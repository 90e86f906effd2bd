"""Runs in a process of Django's `runserver` that is handed sockets, before anything else of it.

`runserver` opens its port by itself and knows no other way: here it takes the socket of that port that was opened for it
(systemd's protocol), so that connections wait in the kernel while it starts again. Whatever goes wrong here, it opens its port.
"""

import sys


def begin():
    os = sys.modules["os"]
    here = os.path.dirname(__file__)
    sys.path[:] = [place for place in sys.path if place != here]
    sys.path_importer_cache.pop(here, None)
    # What the program starts meets this no more.
    others = [place for place in os.environ.get("PYTHONPATH", here).split(os.pathsep) if place != here]
    if others:
        os.environ["PYTHONPATH"] = os.pathsep.join(others)
    else:
        os.environ.pop("PYTHONPATH", None)
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        take(range(3, 3 + int(os.environ["LISTEN_FDS"])))


def take(descriptors):
    import socket
    import socketserver

    bind = socketserver.TCPServer.server_bind

    def server_bind(self):
        for descriptor in descriptors:
            try:
                own = socket.socket(fileno=descriptor)
            except OSError:
                continue
            address = own.getsockname()
            if own.family == self.address_family and address[1:2] == tuple(self.server_address[1:2]):
                own.set_inheritable(False)
                self.socket.close()
                self.socket = own
                self.server_address = address
                return
            own.detach()
        bind(self)

    socketserver.TCPServer.server_bind = server_bind


def hand_on():
    """To the user's own file of this name; where there is none, to its absence."""
    sys.modules.pop("sitecustomize", None)
    __import__("sitecustomize")


try:
    begin()
except Exception:
    # As without us.
    pass
hand_on()
