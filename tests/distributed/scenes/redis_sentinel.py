"""A Redis with two replicas and three sentinels. The master is killed, and the next one falls silent: both times the servers follow."""

import signal

from frame.functional import works
from frame.load import Load
from frame.redis import NEEDS, Redis, Sentinels, Sessions  # noqa: F401
from frame.server import serve, superuser
from frame.stage import until


def play(stage):
    first = Redis(stage, "redis0")
    others = [Redis(stage, f"redis{number}", follows=first) for number in (1, 2)]
    first.followed(*others)
    version = first.version()
    sentinels = Sentinels(stage, first)
    sentinels.knows(others)
    url = f"sqlite://{stage.folder}/users.db"
    superuser(stage, url, redis=sentinels.url)
    servers = serve(stage, url, url, redis=sentinels.url)
    checks = works(stage, servers)
    sessions = Sessions(stage, servers[0].address)
    sessions.ended(servers[1].address)
    first.ask("WAIT", "2", "2000")

    load = Load(servers, width=6).play(stage.much(2, 5))
    first.process.kill()
    second = until("another master", lambda: next((redis for redis in others if redis.port == sentinels.master()), None))
    load.play(stage.much(2, 5))
    stage.expect(sessions.living(servers[0]) == 10, "sessions have ended by a failover")
    if not stage.quick:
        third = next(redis for redis in others if redis is not second)
        until("the last one follows", lambda: third.info("master_port") == str(second.port) and third.info("master_link_status") == "up")
        second.process.popen.send_signal(signal.SIGSTOP)
        until("a third master", lambda: sentinels.master() == third.port)
        load.play(12)
        stage.expect(sessions.living(servers[1]) == 10, "sessions have ended by a second failover")
    facts = load.stop().facts(stage, servers[0].address)
    checks += works(stage, servers)
    for server in servers:
        server.stop()
    return {"version": version, **facts, "checks": checks}
