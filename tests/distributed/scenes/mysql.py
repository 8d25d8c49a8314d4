"""MySQL of Debian unstable, the line after 8: a start of several processes, checks, races and load."""

from frame.functional import works
from frame.load import Load
from frame.mysql import Mysql
from frame.races import demotions, races
from frame.server import at_once, command, serve, superuser

SID = ["usr/sbin/mysqld", "usr/bin/mysql"]


def play(stage):
    # Some hosts demand a primary key of each table.
    mysql = Mysql(stage, "mysql", more=["sql_require_primary_key = ON"])
    at_once(stage, "processes", [lambda: command(stage, mysql.url, "migrate") for _ in range(4)])
    superuser(stage, mysql.url)
    servers = serve(stage, mysql.url, mysql.url)
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3))
    pairs = demotions(stage, servers, mysql.url, stage.much(10, 100))
    facts = Load(servers).play(stage.much(3, 10)).stop().facts(stage, servers[0].address)
    for server in servers:
        server.stop()
    return {"version": f"MySQL {mysql.version()}", **facts, "checks": checks, "races": raced, "demotions": pairs}
