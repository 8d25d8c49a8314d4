"""The stage of a scene: a folder, free ports and processes. All of them go when the scene ends."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Failed(Exception):
    """What was seen is not what must be."""


def program(name):
    """The path of a program, or None. Debian keeps PostgreSQL's programs and those of administrators out of the PATH."""
    if name.startswith("/"):
        return name if Path(name).exists() else None
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folders = [*os.environ.get("PATH", "").split(":"), "/usr/sbin", "/sbin", *map(str, reversed(versions))]
    return shutil.which(name, path=":".join(folders))


def until(what, done, seconds=60):
    """Waits until a function returns something true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        outcome = done()
        if outcome:
            return outcome
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} seconds")
        time.sleep(0.05)


def children(pid):
    """The processes below a process. Those of PostgreSQL lead sessions of their own, so a signal to a group does not reach them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything. Behind it stand the state and the parent.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found, below = [], [pid]
    while below:
        below = [child for parent in below for child in parents.get(parent, [])]
        found += below
    return found


def surroundings(account, env=None):
    """The account and the variables of a process."""
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    return {"env": {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, **who}


class Process:
    """A process of the stage, with its log."""

    def __init__(self, name, command, log, account, env, cwd):
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=cwd, **surroundings(account, env),
            )

    def runs(self):
        return self.popen.poll() is None

    def said(self, lines=8):
        return "".join(self.log.read_text(errors="replace").splitlines(keepends=True)[-lines:])

    def kill(self):
        """Kills it and all processes below it at once, as when their machine is lost."""
        for pid in [*children(self.popen.pid), self.popen.pid]:
            self.signal(pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, how=signal.SIGTERM, seconds=30):
        """Asks it to end, and returns its exit status."""
        if self.runs():
            self.popen.send_signal(how)
            try:
                return self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Failed(f"{self.name} did not stop within {seconds} seconds") from None
        return self.popen.returncode

    @staticmethod
    def signal(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Stage:
    """Where one scene plays. `quick` scenes do less of the same."""

    def __init__(self, scene, server, quick):
        self.scene, self.binary, self.quick = scene, server, quick
        free = shutil.disk_usage("/dev/shm").free if os.access("/dev/shm", os.W_OK) else 0
        place = os.environ.get("TMPDIR") or ("/dev/shm" if free > 2 << 30 else "/tmp")
        self.folder = Path(tempfile.mkdtemp(prefix=f"usermgr-{scene}.", dir=place))
        self.folder.chmod(0o755)
        # Servers of databases refuse to be root, or warn.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.processes, self.used = [], set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.runs():
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def much(self, quick, full):
        """How much of something a scene does."""
        return quick if self.quick else full

    def home(self, name):
        """A new folder that the servers of databases may write."""
        home = self.folder / name
        home.mkdir(mode=0o755)
        if self.account:
            os.chown(home, self.account.pw_uid, self.account.pw_gid)
        return home

    def port(self):
        """A port on which no process listens, below those that the kernel gives to clients."""
        while True:
            port = random.randrange(20000, 32000)
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            if port not in self.used:
                self.used.add(port)
                return port

    def start(self, name, command, as_root=False, env=None, cwd="/"):
        """Starts a process. Its output goes to NAME.log."""
        account = None if as_root else self.account
        process = Process(name, list(map(str, command)), self.folder / f"{name}.log", account, env, cwd)
        self.processes.append(process)
        return process

    def run(self, command, as_root=False, seconds=120, check=True, stdin=""):
        """Runs a command to its end, and returns its output without the line break at the end."""
        done = subprocess.run(
            list(map(str, command)), input=stdin, capture_output=True, text=True, timeout=seconds, cwd="/", check=False,
            **surroundings(None if as_root else self.account),
        )
        if check and done.returncode != 0:
            raise Failed(f"{Path(command[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-600:]}")
        return done.stdout.strip()

    def ready(self, process, done, seconds=60):
        """Waits until a process of the stage is ready, or has ended."""
        until(f"{process.name} is ready", lambda: not process.runs() or done(), seconds)
        if not process.runs():
            raise Failed(f"{process.name} ended with {process.popen.returncode}: {process.said()}")
        return process

    @staticmethod
    def expect(holds, words):
        if not holds:
            raise Failed(words)


def listens(port):
    """Whether a process listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
