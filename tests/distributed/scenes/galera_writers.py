"""Galera with three writers: a server over each node, and changes that meet only when they are certified."""

from frame.functional import works
from frame.galera import PROVIDERS, Galera
from frame.load import Load
from frame.races import demotions, races
from frame.server import Server, at_once, superuser

QUICK = True
NEEDS = ["mariadbd", "mariadb-install-db", "mariadb", "rsync", PROVIDERS[0]]


def start(stage, urls):
    """A server over each node, all at one moment: a lock of one node keeps no other from migrating."""
    return at_once(stage, "servers", [lambda url=url: Server(stage, url) for url in urls])


def play(stage):
    # A node answers when it has applied what others have committed. Without it reads lag behind.
    galera = Galera(stage, more=["wsrep_sync_wait = 7"])
    urls = galera.urls()
    for _ in range(stage.much(2, 8)):
        galera.nodes[0].sql("DROP DATABASE um; CREATE DATABASE um", "")
        servers = start(stage, urls)
        for server in servers:
            server.stop()
    servers = start(stage, urls)
    superuser(stage, urls[0])
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3), width=stage.much(24, 48))
    pairs = demotions(stage, servers, urls[0], stage.much(25, 200))
    facts = Load(servers).play(stage.much(3, 10)).stop().facts(stage, servers[0].address)
    for server in servers:
        server.stop()
    return {"version": f"MariaDB {galera.nodes[0].version()}", **facts, "checks": checks, "races": raced, "demotions": pairs}
