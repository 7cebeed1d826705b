"""A TCP proxy between the program and its server that cuts connections at a chosen moment."""

import contextlib
import os
import select
import socket
import threading


class Proxy:
    """Forwards 127.0.0.1:port to a server on this machine. Every piece of bytes that arrives, from whichever side, is one moment."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.arm(0, "before")
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, moment, how):
        """At the moment (from 1; 0: never) a connection is cut: "before" its bytes are passed on, or "after", when the other side has
        them and its answer is lost. Counting begins anew; later connections are let through."""
        with self.lock:
            self.moments, self.moment, self.how = 0, moment, how

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _is_the_moment(self):
        with self.lock:
            self.moments += 1
            return self.moments == self.moment

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.server_port))
        except OSError:
            client.close()
            return
        other = {client: server, server: client}
        try:
            while True:
                for side in select.select([client, server], [], [])[0]:
                    data = side.recv(1 << 16)
                    if not data:
                        return
                    cut = self._is_the_moment()
                    if not cut or self.how == "after":
                        other[side].sendall(data)
                    if cut:
                        return
        except OSError:
            pass
        finally:
            client.close()
            server.close()


class Behind:
    """A target with a server at `port` and a `proxy` before it. The project asks the environment for the port, so that calls go the one way or the other."""

    @contextlib.contextmanager
    def through_proxy(self, moment=0, how="before"):
        self.proxy.arm(moment, how)
        os.environ["GODWIT_FAULTS_PORT"] = str(self.proxy.port)
        try:
            yield
        finally:
            os.environ["GODWIT_FAULTS_PORT"] = str(self.port)
