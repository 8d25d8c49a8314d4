"""Redis or Valkey servers, replicas and sentinels, and sessions that must live or must have ended."""

import random

from . import sid
from .client import login, me, refresh, register, request
from .stage import program, until

NEEDS = ["redis-server", "redis-cli"]
VALKEY = "usr/bin/valkey-server"


class Redis:
    """A server that keeps nothing on the disk, unless `options` say so."""

    def __init__(self, stage, name="redis", options=(), follows=None, valkey=False):
        self.stage, self.name, self.port, self.home = stage, name, stage.port(), stage.home(name)
        server = sid.loads(VALKEY) if valkey else [program("redis-server")]
        self.command = [*server, "--port", self.port, "--bind", "127.0.0.1", "--dir", self.home, "--save", "", *options]
        if follows:
            self.command += ["--replicaof", "127.0.0.1", follows.port]
        self.process = None
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.process = self.stage.start(self.name, self.command)
        self.stage.ready(self.process, lambda: self.ask("PING") == "PONG")

    def ask(self, *words):
        return self.stage.run([program("redis-cli"), "-h", "127.0.0.1", "-p", self.port, *words], check=False, seconds=10)

    def info(self, field):
        lines = (line.split(":", 1) for line in self.ask("INFO").splitlines() if ":" in line)
        return dict(lines).get(field, "")

    def version(self):
        valkey = self.info("valkey_version")
        return f"Valkey {valkey}" if valkey else f"Redis {self.info('redis_version')}"

    def followed(self, *replicas):
        """Waits until replicas have what this server has, and have run for some seconds beside it."""
        for replica in replicas:
            until(f"{replica.name} follows", lambda: replica.info("master_link_status") == "up" and int(replica.info("uptime_in_seconds")) > 3)
        return self


class Sentinels:
    """Three sentinels that watch a server as the service `um`."""

    def __init__(self, stage, master, count=3):
        self.stage, self.ports = stage, []
        for number in range(count):
            port, home = stage.port(), stage.home(f"sentinel{number}")
            settings = home / "sentinel.conf"
            settings.write_text(
                f"port {port}\nbind 127.0.0.1\ndir {home}\nsentinel monitor um 127.0.0.1 {master.port} 2\n"
                "sentinel down-after-milliseconds um 1000\nsentinel failover-timeout um 10000\n"
            )
            settings.chmod(0o666)
            process = stage.start(f"sentinel{number}", [program("redis-server"), settings, "--sentinel"])
            stage.ready(process, lambda: self.ask(port, "PING") == "PONG")
            self.ports.append(port)
        until("the sentinels know each other", lambda: all(
            f"num-other-sentinels\n{count - 1}" in self.ask(port, "SENTINEL", "MASTER", "um") for port in self.ports
        ))

    @property
    def url(self):
        return "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in self.ports) + "/um"

    def ask(self, port, *words):
        return self.stage.run([program("redis-cli"), "-p", port, *words], check=False, seconds=10)

    def knows(self, replicas):
        until("the sentinels know the replicas", lambda: all(
            str(replica.port) in self.ask(port, "SENTINEL", "REPLICAS", "um") for port in self.ports for replica in replicas
        ))

    def master(self):
        return int(self.ask(self.ports[0], "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "um").split()[1])


class Sessions:
    """Sessions of one account: some stay, some are ended by a logout, and of one the refresh token is used."""

    def __init__(self, stage, address, count=10):
        self.stage, self.email = stage, f"sessions-{random.randrange(10**9)}@example.com"
        register(address, self.email)
        self.stay = [login(address, self.email).get("access_token") for _ in range(count)]
        self.end = [login(address, self.email).get("access_token") for _ in range(count)]
        self.cookie = login(address, self.email, backend="cookie").cookie()
        self.pair = login(address, self.email)

    def ended(self, address):
        """Ends those that are to end, and refreshes twice."""
        answers = [request(address, "POST", "/auth/jwt/logout", token=token).status for token in self.end]
        answers.append(request(address, "POST", "/auth/cookie/logout", cookie=self.cookie).status)
        for _ in range(2):
            self.pair = refresh(address, self.pair.get("refresh_token"))
        self.stage.expect(set(answers) == {204} and self.pair.status == 200, f"logouts: {answers}, refresh: {self.pair}")

    def living(self, server):
        """How many of those that stay are alive. Fails the scene if one that has ended is, or if its owner counts as a thief."""
        back = [me(server.address, token=token) for token in self.end] + [me(server.address, cookie=self.cookie)]
        wrong = [answer for answer in back if answer.status != 401]
        self.stage.expect(not wrong, f"{len(wrong)} sessions that had ended, such as {wrong[:1]}")
        alive = [me(server.address, token=token).status for token in self.stay].count(200)
        self.pair = refresh(server.address, self.pair.get("refresh_token"))
        self.stage.expect(self.pair.status == (200 if alive else 400), f"the newest refresh token: {self.pair}")
        self.stage.expect(not server.mails("token_theft", self.email), "the owner is called a thief")
        return alive
