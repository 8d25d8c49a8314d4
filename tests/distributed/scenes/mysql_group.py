"""MySQL group replication with three writers: a server over each member."""

from frame.functional import works
from frame.load import Load
from frame.mysql import Group
from frame.races import demotions, races
from frame.server import Server, at_once, superuser

SID = ["usr/sbin/mysqld", "usr/bin/mysql"]


def play(stage):
    # A member answers when it has applied what others have committed.
    group = Group(stage, more=["loose_group_replication_consistency = BEFORE"])
    urls = group.urls()
    servers = at_once(stage, "servers", [lambda url=url: Server(stage, url) for url in urls])
    superuser(stage, urls[0])
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3), width=24)
    pairs = demotions(stage, servers, urls[0], stage.much(10, 100))
    facts = Load(servers).play(stage.much(3, 10)).stop().facts(stage, servers[0].address)
    for server in servers:
        server.stop()
    return {"version": f"MySQL {group.members[0].version()}", **facts, "checks": checks, "races": raced, "demotions": pairs}
