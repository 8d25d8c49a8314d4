"""PgBouncer in front of a PostgreSQL."""

import re

from .stage import listens, program

NEEDS = ["pgbouncer"]

SETTINGS = """[databases]
um = host=127.0.0.1 port={server} dbname=um user=um
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
max_client_conn = 400
default_pool_size = {pool}
{more}
"""


class PgBouncer:
    """A pooler of one mode. `more` are further lines of its ini file; `chroot` is where its program is, if not on this machine."""

    def __init__(self, stage, postgres, mode, pool=8, more=(), sid=None, name="pgbouncer"):
        self.port = stage.port()
        home = stage.home(name)
        ini = home / "pgbouncer.ini"
        ini.write_text(SETTINGS.format(server=postgres.port, port=self.port, mode=mode, pool=pool, more="\n".join(more)))
        # It sees the files of this machine, and takes its program and libraries from the other release.
        command = [*sid.loads("usr/sbin/pgbouncer"), ini] if sid else [program("pgbouncer"), ini]
        self.process = stage.start(name, command)
        stage.ready(self.process, lambda: listens(self.port))

    @property
    def url(self):
        return f"postgres://um@127.0.0.1:{self.port}/um"


def version(stage, sid=None):
    """As in `1.26.1`."""
    command = sid.loads("usr/sbin/pgbouncer") if sid else [program("pgbouncer")]
    return re.search(r"[0-9.]+", stage.run([*command, "--version"]))[0]
