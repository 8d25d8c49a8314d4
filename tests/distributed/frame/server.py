"""Reference servers as processes of a stage, and their commands."""

import itertools
import json
from threading import Barrier, Thread

from .client import PASSWORD, Answer
from .stage import Failed, until

SECRET = "only-for-tests-0123456789abcdef-x"
SUPERUSER = "root@example.com"


class Refused(Failed):
    """A server or a command did not do what it was started for. The text is what it said."""


def flags(url, redis=None):
    """The options that a server and its commands share."""
    return ["--database-url", url, "--secret", SECRET, *(["--redis-url", redis] if redis else [])]


class Server:
    """A server that runs. `address` is as in `127.0.0.1:8000`."""

    numbers = itertools.count(1)

    def __init__(self, stage, url, redis=None, limits="off", options=(), seconds=30):
        self.stage = stage
        # All servers of a stage write their mails to one file.
        self.mail = stage.folder / "mail.jsonl"
        command = [
            stage.binary, *flags(url, redis), "--listen", "127.0.0.1:0", "--mail-file", self.mail, "--cookie-insecure",
            "--argon2", "1024,1,1", "--limits", limits, *options,
        ]
        self.process = stage.start(f"server{next(self.numbers)}", command, as_root=True, cwd=stage.folder)
        try:
            until("the server listens", lambda: self.listening() or not self.process.runs(), seconds)
        except Failed:
            self.process.kill()
            raise Refused(f"does not listen after {seconds} seconds: {self.process.said()}") from None
        self.address = self.listening()
        if not self.address:
            raise Refused(self.process.said())

    def listening(self):
        lines = self.process.log.read_text(errors="replace").splitlines()
        found = [line.split("http://", 1)[1].split()[0] for line in lines if "listening on http://" in line]
        return found[0] if found else None

    def stop(self):
        self.stage.expect(self.process.stop() == 0, f"a server ended with {self.process.popen.returncode}: {self.process.said()}")

    def mails(self, event, email):
        """The mails of an event to an address, the oldest first. The last line of the file may be half written."""
        lines = self.mail.read_text().splitlines(keepends=True) if self.mail.exists() else []
        mails = [json.loads(line) for line in lines if line.endswith("\n")]
        return [mail for mail in mails if mail["event"] == event and mail["email"] == email]

    def mailed(self, event, email, count=1):
        """Waits for a mail, and returns its token."""
        return until(f"a mail of {event}", lambda: self.mails(event, email)[count - 1 : count], 20)[0]["token"]


def serve(stage, *urls, **options):
    """A server over each URL, one after the other."""
    return [Server(stage, url, **options) for url in urls]


def refusal(stage, url, seconds=30, **options):
    """What a server says that does not start over a URL."""
    try:
        server = Server(stage, url, seconds=seconds, **options)
    except Refused as refused:
        return str(refused)
    server.stop()
    raise Failed(f"a server starts over {url}")


def command(stage, url, *arguments, redis=None, stdin=""):
    """Runs a command of the server, such as `migrate`."""
    try:
        return stage.run([stage.binary, *flags(url, redis), *arguments], as_root=True, stdin=stdin)
    except Failed as failed:
        raise Refused(str(failed)) from None


def superuser(stage, url, email=SUPERUSER, redis=None):
    """Makes a new superuser with the common password."""
    command(stage, url, "create-superuser", "--email", email, "--password-stdin", redis=redis, stdin=PASSWORD + "\n")


def together(tasks):
    """Does all at one moment, each on its own thread, and returns their outcomes in order."""
    start, outcomes = Barrier(len(tasks)), [None] * len(tasks)

    def go(number, task):
        start.wait()
        try:
            outcomes[number] = task()
        except Failed as failed:
            outcomes[number] = failed

    threads = [Thread(target=go, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def at_once(stage, what, tasks):
    """Does all at one moment. Fails the scene unless each of them worked; returns their outcomes."""
    outcomes = together(tasks)
    wrong = [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    stage.expect(not wrong, f"{len(wrong)} of {len(tasks)} {what} did not start at once: {wrong[:2]}")
    return outcomes


def statuses(answers):
    """How often each status came back."""
    counts = {}
    for answer in answers:
        status = answer.status if isinstance(answer, Answer) else str(answer)
        counts[status] = counts.get(status, 0) + 1
    return counts
