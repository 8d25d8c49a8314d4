"""Load with a journal: what was acknowledged is written down, and looked for afterwards."""

import itertools
import random
import threading
import time
from collections import Counter

from .client import PASSWORD, login, register, request
from .stage import until

# Each is the answer to a request of the load when all is well.
EXPECTED = {"register": 201, "login": 200, "change": 204}


class Load:
    """Threads that register, log in and change the password, each at the next server, until `stop`."""

    def __init__(self, servers, width=12):
        self.servers, self.tag = servers, random.randrange(10**9)
        # For each address the passwords that it may have: one, or two while the change is not acknowledged.
        self.journal, self.events, self.lock = {}, [], threading.Lock()
        self.began, self.ended, self.stopping = time.monotonic(), None, threading.Event()
        self.threads = [threading.Thread(target=self.go, args=(number,), daemon=True) for number in range(width)]
        for thread in self.threads:
            thread.start()

    def ask(self, kind, ask):
        began = time.monotonic()
        answer = ask()
        with self.lock:
            self.events.append((kind, began, time.monotonic(), answer.status))
        return answer

    def go(self, number):
        for turn in itertools.count():
            if self.stopping.is_set():
                return
            address = self.servers[(number + turn) % len(self.servers)].address
            email, changed = f"load-{self.tag}-{number}-{turn}@example.com", f"changed {turn} horse battery"
            if self.ask("register", lambda: register(address, email)).status != 201:
                # So that a server that is down is not asked in a tight loop.
                self.stopping.wait(0.05)
                continue
            self.journal[email] = [PASSWORD]
            session = self.ask("login", lambda: login(address, email))
            if session.status != 200:
                continue
            self.journal[email] = [PASSWORD, changed]
            body = {"current_password": PASSWORD, "password": changed}
            path, token = "/auth/change-password", session.get("access_token")
            if self.ask("change", lambda: request(address, "POST", path, body, token=token)).status == 204:
                self.journal[email] = [changed]

    def play(self, seconds):
        time.sleep(seconds)
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        self.ended = time.monotonic()
        return self

    def lost(self, address):
        """The addresses whose acknowledged password no longer logs in."""

        def judged(email, password):
            answer = login(address, email, password)
            return answer if answer.status in (200, 400) else None

        def logs_in(email, password):
            # Only an answer that judges the password says whether something is lost.
            return until("a login is judged", lambda: judged(email, password)).status == 200

        return [email for email, passwords in self.journal.items() if not any(logs_in(email, password) for password in passwords)]

    def outage(self):
        """The longest time in seconds in which no request succeeded, of all clients together."""
        succeeded = sorted(end for kind, _, end, status in self.events if status == EXPECTED[kind])
        marks = [self.began, *succeeded, self.ended]
        return round(max(after - before for before, after in itertools.pairwise(marks)), 2)

    def facts(self, stage, address):
        """What the scene reports. Fails the scene if something acknowledged is lost."""
        lost = self.lost(address)
        stage.expect(self.journal, f"nothing was acknowledged: {Counter(status for *_, status in self.events)}")
        stage.expect(not lost, f"{len(lost)} of {len(self.journal)} acknowledged are lost, such as {lost[:3]}")
        wrong = Counter(str(status) for kind, _, _, status in self.events if status != EXPECTED[kind])
        return {
            "acknowledged": len(self.journal),
            "lost": len(lost),
            "outage": self.outage(),
            "longest": round(max(end - began for _, began, end, _ in self.events), 2),
            "requests": len(self.events),
            "codes": dict(sorted(wrong.items())),
        }
