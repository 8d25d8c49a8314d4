"""PostgreSQL with a synchronous standby, behind haproxy. The primary is killed, and the standby promoted two seconds later."""

import time

from frame.functional import works
from frame.haproxy import Haproxy
from frame.load import Load
from frame.postgres import Postgres
from frame.races import demotions, races
from frame.server import command, serve, superuser
from frame.stage import program, until

QUICK = True
NEEDS = ["initdb", "pg_basebackup", "psql", "haproxy"]

# The primary is the server that is not in recovery.
CHECK = """[ "$(PGCONNECT_TIMEOUT=1 {psql} -XqAt -h "$3" -p "$4" -U um -d um -c 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]"""


def play(stage):
    primary = Postgres(stage, "primary")
    standby = Postgres(stage, "standby", follows=primary)
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    primary.sql("SELECT pg_reload_conf()")
    until("the standby is synchronous", lambda: primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync")

    proxy = Haproxy(stage, [primary.port, standby.port], script=CHECK.format(psql=program("psql")), only=True)
    url = f"postgres://um@127.0.0.1:{proxy.port}/um"
    command(stage, url, "migrate")
    superuser(stage, url)
    servers = serve(stage, url, url)
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3))

    load = Load(servers).play(stage.much(2, 5))
    primary.process.kill()
    time.sleep(2)
    standby.promote()
    facts = load.play(stage.much(5, 12)).stop().facts(stage, servers[0].address)
    checks += works(stage, servers, stage.much(1, 3))
    pairs = demotions(stage, servers, url, stage.much(5, 60))
    for server in servers:
        server.stop()
    return {"version": f"PostgreSQL {standby.version()}", **facts, "checks": checks, "races": raced, "demotions": pairs}
