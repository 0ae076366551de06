"""Servers on loopback that do not do what a database server does."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def black_hole(callers: list[socket.socket] | None = None) -> Iterator[int]:
    """Yield the port of a server that accepts, then says nothing, and keeps who called."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = [] if callers is None else callers
        thread = threading.Thread(target=_accept_all, args=(listener, taken), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()


class Relay:
    """A way to a real server that can be cut, or go silent while connections stay open.

    Parameters
    ----------
    host, port
        The real server.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self.port: int = self._listener.getsockname()[1]
        self._start(self._serve)

    def go_silent(self) -> None:
        """Hold back all bytes from now on."""
        self._flowing.clear()

    def cut(self) -> None:
        """End all connections, as a server does that is restarted."""
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._flowing.set()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        for pair in self._pairs:
            for end in pair:
                end.close()

    def _start(self, target: object, *args: object) -> None:
        assert callable(target)
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._pairs.append((client, server))
            self._start(self._pump, client, server)

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with suppress(OSError):
            while True:
                for end in select.select([client, server], [], [])[0]:
                    data = end.recv(65536)
                    self._flowing.wait()
                    if not data:
                        other[end].shutdown(socket.SHUT_RDWR)
                        return
                    other[end].sendall(data)


def _accept_all(listener: socket.socket, taken: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            taken.append(listener.accept()[0])
