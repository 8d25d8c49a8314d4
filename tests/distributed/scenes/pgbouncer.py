"""PgBouncer from 1.21 on in transaction mode: many processes that start at once, and what a pooler must not keep of a session."""

from collections import Counter

from frame import pgbouncer, sid
from frame.functional import works
from frame.load import Load
from frame.pgbouncer import PgBouncer
from frame.postgres import Postgres
from frame.races import demotions, races
from frame.server import at_once, command, refusal, serve, superuser, together
from frame.stage import program

NEEDS = ["initdb", "psql"]
SID = ["usr/sbin/pgbouncer"]


def starts_at_once(stage, postgres, pooler, processes=5):
    """Several processes migrate one empty database through the pooler. Returns how many came up."""
    postgres.sql("DROP DATABASE um WITH (FORCE)", "postgres")
    postgres.sql("CREATE DATABASE um", "postgres")
    at_once(stage, "processes", [lambda: command(stage, pooler.url, "migrate") for _ in range(processes)])
    held = postgres.sql("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'", "postgres")
    stage.expect(held == "0", f"{held} locks are left on connections of the pooler")
    return processes


def settings(stage, pooler):
    """The lock timeouts of the connections of the pooler, as other clients of the pool see them."""
    ask = [program("psql"), "-XqAt", "-h", "127.0.0.1", "-p", pooler.port, "-U", "um", "-d", "um"]
    text = "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout'), pg_sleep(0.3)"
    return Counter(together([lambda: stage.run([*ask, "-c", text]) for _ in range(8)]))


def play(stage):
    postgres = Postgres(stage)
    pooler = PgBouncer(stage, postgres, "transaction", sid=sid)
    started = sum(starts_at_once(stage, postgres, pooler) for _ in range(stage.much(2, 8)))

    superuser(stage, pooler.url)
    servers = serve(stage, pooler.url, pooler.url)
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3))
    pairs = demotions(stage, servers, pooler.url, stage.much(5, 100))
    facts = Load(servers).play(stage.much(3, 10)).stop().facts(stage, servers[0].address)
    stage.expect(not facts["codes"], f"the load got {facts['codes']}")
    kept = settings(stage, pooler)
    stage.expect(set(kept) == {"0 0|"}, f"the pooler keeps settings: {dict(kept)}")
    for server in servers:
        server.stop()

    refused = []
    for mode, more in (("transaction", ["max_prepared_statements = 0"]), ("statement", [])):
        other = PgBouncer(stage, postgres, mode, more=more, sid=sid, name=mode)
        words = refusal(stage, other.url)
        stage.expect(f"pools by {mode}" in words, f"{mode} mode: {words}")
        refused.append(mode)
    return {
        "version": f"PgBouncer {pgbouncer.version(stage, sid)}", "started": started, **facts, "checks": checks, "races": raced,
        "demotions": pairs, "refused": refused,
    }
