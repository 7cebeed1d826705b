"""A private PostgreSQL from Debian's package, for tests: on 127.0.0.1 and a free port, its data in a folder of its own, stopped by its pid.

    with postgres_server.Server() as server:
        server.psql("create table t (a int)")
        assert server.query("select count(*) from t") == [["0"]]

The port is server.port, the superuser "postgres" (no password asked), the database "test". It takes about two seconds to make one; a test
program makes one for all its tests. As root the server runs as the user "postgres", since it refuses to run as root.
"""

import csv
import ctypes
import io
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time


class ServerFailed(Exception):
    """The server could not be made, started or stopped; the words of its log are in the text."""


def programs():
    """The folder of initdb and postgres: the newest that Debian's packages have installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: [int(n) for n in re.findall(r"\d+", str(p))])
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise ServerFailed("PostgreSQL is not installed (package postgresql; scripts/install-packages test)")
    return pathlib.Path(os.path.realpath(initdb)).parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """What a child has to do so that it stops when this program is gone, however that ended. The system watches the thread that started it, so that only the
    main thread can promise this."""
    if threading.current_thread() is not threading.main_thread():
        return None
    pr_set_pdeathsig = 1
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(pr_set_pdeathsig, signal.SIGINT)


class Server:
    """One server. `encoding`: of the cluster. `settings`: lines of postgresql.conf. `authentication`: lines of pg_hba.conf; without them
    everyone on this machine is trusted. `environment`: variables of its own. Starts when it is made; stop() or the end of `with` stops it and removes its data."""

    def __init__(self, encoding="UTF8", settings=(), authentication=None, environment=None):
        self.environment = dict(os.environ, **environment or {})
        self.bin = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-postgres-"))
        os.chmod(self.folder, 0o711)  # the server's user must get to its data through it
        self.data = self.folder / "data"
        self.process = None
        self.as_user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.log = self.folder / "server.log"
        try:
            self._make(encoding, settings, authentication)
            self.start()
            if encoding == "UTF8":
                self.psql("create database test", database="postgres")
            else:
                self.psql(f"create database test encoding '{encoding}' template template0", database="postgres")
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def _identity(self):
        """Arguments of subprocess that make a program run as the server's user."""
        return {} if self.as_user is None else {"user": self.as_user.pw_uid, "group": self.as_user.pw_gid, "extra_groups": []}

    def _make(self, encoding, settings, authentication):
        if self.as_user is not None:
            os.chown(self.folder, self.as_user.pw_uid, self.as_user.pw_gid)
        locale = "C.UTF-8" if encoding == "UTF8" else "C"
        done = subprocess.run([self.bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", f"--encoding={encoding}", f"--locale={locale}", "--no-sync"],
                              capture_output=True, text=True, cwd=self.folder, check=False, **self._identity())
        if done.returncode != 0:
            raise ServerFailed(done.stdout + done.stderr)
        lines = ["listen_addresses = '127.0.0.1'", f"unix_socket_directories = '{self.folder}'", "shared_buffers = 64MB", "max_connections = 50",
                 "max_wal_size = 4GB", "log_min_messages = warning", "lc_messages = 'C'", *settings]
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        if authentication is not None:
            (self.data / "pg_hba.conf").write_text("\n".join(authentication) + "\n", encoding="utf-8")

    def start(self):
        """Starts the server, on the port that it had before if it had one."""
        for _ in range(5):
            self.port = getattr(self, "port", None) or free_port()
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen([self.bin / "postgres", "-D", self.data, "-p", str(self.port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                cwd=self.folder, start_new_session=True, env=self.environment, preexec_fn=end_with_parent(), **self._identity())
            if self._answers():
                return
            words = self.log.read_text(errors="replace")[-2000:]
            self.kill()
            if "Address already in use" not in words:
                raise ServerFailed(words)
            self.port = None
        raise ServerFailed("no free port on 127.0.0.1")

    def _answers(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            done = subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
            if done.returncode == 0:
                return True
            time.sleep(0.05)
        return False

    def kill(self):
        """Ends the server at once, as a power cut would: what was committed is on disk, nothing is tidied up."""
        self._end(signal.SIGQUIT)

    def restart(self):
        """Stops the server in good order and starts it on the same port and data."""
        self._end(signal.SIGINT)
        self.start()

    def _end(self, how):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def stop(self):
        """Stops the server and removes its folder; may be called again."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def turn_on_tls(self, certificate, key):
        """From now on the server takes TLS connections, too, with this certificate (PEM files; they are copied)."""
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            target = self.data / name
            shutil.copyfile(source, target)
            os.chmod(target, 0o600)
            if self.as_user is not None:
                os.chown(target, self.as_user.pw_uid, self.as_user.pw_gid)
        self.psql("alter system set ssl = on", database="postgres")
        self.psql("select pg_reload_conf()", database="postgres")

    def url(self, database="test", user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def psql(self, script, database="test", user="postgres", check=True):
        """Runs a script with psql and gives what it prints; raises ServerFailed with psql's words when a statement fails."""
        done = subprocess.run([self.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--csv", "-t", "-d", self.url(database, user), "-f", "-"],
                              input=script, capture_output=True, encoding="utf-8", env=dict(os.environ, PGCLIENTENCODING="UTF8"), check=False)
        if check and done.returncode != 0:
            raise ServerFailed(f"{script[:500]}\n{done.stderr}")
        return done.stdout

    def query(self, statement, database="test"):
        """The rows of one SELECT, as psql prints their values; a null is "" like an empty text."""
        return list(csv.reader(io.StringIO(self.psql(statement, database))))
