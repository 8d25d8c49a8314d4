"""Redis as in its default settings, with snapshots, and then with an append-only file. It is killed and started again."""

from frame.functional import works
from frame.load import Load
from frame.redis import NEEDS, Redis, Sessions  # noqa: F401
from frame.server import serve, superuser
from frame.stage import until

KEEPS = {
    "snapshot": (["--save", "3600", "1"], 0),
    "append-only file": (["--appendonly", "yes", "--appendfsync", "always"], 10),
}


def play(stage, valkey=False):
    facts, version = {}, ""
    for what, (options, living) in KEEPS.items():
        redis = Redis(stage, what.replace(" ", "-"), options, valkey=valkey)
        version = redis.version()
        url = f"sqlite://{stage.folder}/{redis.name}.db"
        superuser(stage, url, redis=redis.url)
        servers = serve(stage, url, url, redis=redis.url)
        checks = works(stage, servers, stage.much(1, 3))
        sessions = Sessions(stage, servers[0].address)
        redis.ask("SAVE")
        sessions.ended(servers[1].address)
        load = Load(servers, width=6).play(stage.much(1, 4))
        redis.process.kill()
        load.play(1)
        redis.start()
        load.play(stage.much(1, 4)).stop()
        facts = load.facts(stage, servers[0].address)
        for server in (*servers, *serve(stage, url, redis=redis.url)):
            alive = until("Redis is used again", lambda: [sessions.living(server)])
            stage.expect(alive == [living], f"{alive} of 10 sessions live over a Redis with a {what}")
        checks += works(stage, servers)
        for server in servers:
            server.stop()
    return {"version": version, **facts, "checks": checks}
