"""Galera with one writer behind haproxy, and two nodes in reserve. The writer is killed."""

from frame.functional import works
from frame.galera import PROVIDERS, Galera
from frame.haproxy import Haproxy
from frame.load import Load
from frame.races import demotions, races
from frame.server import command, serve, superuser
from frame.stage import program

NEEDS = ["mariadbd", "mariadb-install-db", "mariadb", "rsync", "haproxy", "timeout", PROVIDERS[0]]

CHECK = """ready="SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_ready'"
[ "$({timeout} 1 {mariadb} --no-defaults --host="$3" --port="$4" --user=um --password=um -Nse "$ready" 2>/dev/null)" = ON ]"""


def play(stage):
    galera = Galera(stage)
    script = CHECK.format(timeout=program("timeout"), mariadb=program("mariadb"))
    proxy = Haproxy(stage, [node.port for node in galera.nodes], script=script)
    url = f"mysql://um:um@127.0.0.1:{proxy.port}/um"
    command(stage, url, "migrate")
    superuser(stage, url)
    servers = serve(stage, url, url)
    checks = works(stage, servers, stage.much(1, 3))
    raced = races(stage, servers, stage.much(1, 3))
    pairs = demotions(stage, servers, url, stage.much(10, 100))

    load = Load(servers).play(stage.much(2, 5))
    galera.nodes[0].process.kill()
    facts = load.play(stage.much(12, 16)).stop().facts(stage, servers[0].address)
    checks += works(stage, servers)
    for server in servers:
        server.stop()
    return {"version": f"MariaDB {galera.nodes[1].version()}", **facts, "checks": checks, "races": raced, "demotions": pairs}
