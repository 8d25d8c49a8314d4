"""A Galera cluster of three MariaDB servers."""

import os
from pathlib import Path

from .stage import program

NEEDS = ["mariadbd", "mariadb-install-db", "mariadb", "rsync"]
PROVIDERS = ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"]

SETTINGS = """[mariadbd]
datadir = {data}
tmpdir = {home}
socket = {home}/socket
pid_file = {home}/pid
port = {port}
bind_address = 127.0.0.1
skip_name_resolve = ON
binlog_format = ROW
default_storage_engine = InnoDB
innodb_autoinc_lock_mode = 2
innodb_flush_log_at_trx_commit = 0
innodb_buffer_pool_size = 64M
innodb_log_file_size = 16M
max_connections = 200
wsrep_on = ON
wsrep_provider = {provider}
wsrep_cluster_name = um
wsrep_cluster_address = gcomm://{members}
wsrep_node_name = {name}
wsrep_node_address = 127.0.0.1
wsrep_provider_options = gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{increment};gcache.size=32M
wsrep_sst_method = rsync
wsrep_sst_receive_address = 127.0.0.1:{transfer}
{more}
"""


class Galera:
    """Nodes with a database `um` for the account `um`. `more` are further settings of each node."""

    def __init__(self, stage, nodes=3, more=()):
        self.stage, self.nodes = stage, []
        groups = [stage.port() for _ in range(nodes)]
        for number in range(nodes):
            self.nodes.append(Node(stage, f"node{number + 1}", groups, number, more))
        first = self.nodes[0]
        first.sql("CREATE DATABASE um; CREATE USER um@'127.0.0.1' IDENTIFIED BY 'um'; GRANT ALL ON um.* TO um@'127.0.0.1'", "")

    def urls(self):
        return [node.url for node in self.nodes]

    def set(self, setting):
        for node in self.nodes:
            node.sql(f"SET GLOBAL {setting}", "")


class Node:
    """One of the servers."""

    def __init__(self, stage, name, groups, number, more):
        self.stage, self.port = stage, stage.port()
        home = stage.home(name)
        self.socket = home / "socket"
        stage.run([
            program("mariadb-install-db"), "--no-defaults", f"--datadir={home}/data", f"--tmpdir={home}",
            "--auth-root-authentication-method=normal", "--skip-test-db",
        ])
        settings = home / "my.cnf"
        settings.write_text(SETTINGS.format(
            home=home, data=home / "data", port=self.port, provider=next(path for path in PROVIDERS if Path(path).exists()),
            members=",".join(f"127.0.0.1:{port}" for port in groups), name=name, group=groups[number], increment=stage.port(),
            transfer=stage.port(), more="\n".join(more),
        ))
        command = [program("mariadbd"), f"--defaults-file={settings}"]
        self.process = stage.start(name, command + (["--wsrep-new-cluster"] if number == 0 else []), env={"HOME": os.fspath(home)})
        stage.ready(self.process, lambda: self.state("wsrep_ready") == "ON")

    @property
    def url(self):
        return f"mysql://um:um@127.0.0.1:{self.port}/um"

    def sql(self, text, database="um", check=True):
        command = [program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", "--connect-timeout=5", "-Nse", text, database]
        return self.stage.run([word for word in command if word], check=check)

    def state(self, name):
        return self.sql(f"SELECT variable_value FROM information_schema.global_status WHERE variable_name = '{name}'", "", check=False)

    def version(self):
        return self.sql("SELECT VERSION()", "").split("-")[0]
