"""A Redis with a replica behind haproxy, which sends to the master. The master is killed, and the replica promoted two seconds later."""

import time

from frame.functional import works
from frame.haproxy import Haproxy
from frame.load import Load
from frame.redis import NEEDS as REDIS
from frame.redis import Redis, Sessions
from frame.server import serve, superuser
from frame.stage import until

NEEDS = [*REDIS, "haproxy"]

CHECK = [
    "option tcp-check",
    "tcp-check send info\\ replication\\r\\n",
    "tcp-check expect string role:master",
]


def play(stage):
    master = Redis(stage, "master")
    replica = Redis(stage, "replica", follows=master)
    master.followed(replica)
    proxy = Haproxy(stage, [master.port, replica.port], check=CHECK, only=True)
    redis = f"redis://127.0.0.1:{proxy.port}"
    until("haproxy has found the master", lambda: stage.run(["redis-cli", "-p", proxy.port, "PING"], check=False) == "PONG")
    url = f"sqlite://{stage.folder}/users.db"
    superuser(stage, url, redis=redis)
    servers = serve(stage, url, url, redis=redis)
    checks = works(stage, servers)
    sessions = Sessions(stage, servers[0].address)
    sessions.ended(servers[1].address)
    master.ask("WAIT", "1", "2000")
    load = Load(servers, width=6).play(stage.much(2, 5))
    master.process.kill()
    time.sleep(2)
    replica.ask("REPLICAOF", "NO", "ONE")
    facts = load.play(stage.much(3, 8)).stop().facts(stage, servers[0].address)
    stage.expect(sessions.living(servers[0]) == 10, "sessions have ended by a failover")
    checks += works(stage, servers)
    for server in servers:
        server.stop()
    return {"version": replica.version(), **facts, "checks": checks}
