"""A PgBouncer without support for prepared statements, as before 1.21: session mode works, the other modes are refused in words."""

from frame import pgbouncer
from frame.functional import works
from frame.pgbouncer import PgBouncer
from frame.postgres import Postgres
from frame.server import command, refusal, serve, superuser

QUICK = True
NEEDS = ["initdb", "psql", "pgbouncer"]


def play(stage):
    postgres, version = Postgres(stage), pgbouncer.version(stage)
    # A later one behaves in the same way with its support turned off.
    older = tuple(map(int, version.split("."))) < (1, 21)
    more = [] if older else ["max_prepared_statements = 0"]

    # Over missing tables and over tables that are up to date, which are only read.
    words = {}
    for state in ("missing", "there"):
        for mode in ("transaction", "statement"):
            pooler = PgBouncer(stage, postgres, mode, more=more, name=f"{mode}-{state}")
            # What other processes have left on the connections of the pooler differs between the two.
            for _ in range(2):
                words[mode] = refusal(stage, pooler.url)
                stage.expect(f"pools by {mode}" in words[mode], f"{mode} mode, tables {state}: {words[mode]}")
            pooler.process.stop()
        command(stage, postgres.url, "migrate")

    pooler = PgBouncer(stage, postgres, "session", pool=40, more=more, name="session")
    superuser(stage, pooler.url)
    servers = serve(stage, pooler.url, pooler.url)
    checks = works(stage, servers, stage.much(1, 3))
    for server in servers:
        server.stop()
    return {"version": f"PgBouncer {version}", "checks": checks, "refused": sorted(words)}
