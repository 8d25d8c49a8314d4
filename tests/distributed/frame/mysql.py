"""MySQL servers of Debian unstable: one alone, and a group with several writers."""

from . import sid

SETTINGS = """[mysqld]
basedir = {root}/usr
lc_messages_dir = {root}/usr/share/mysql
character_sets_dir = {root}/usr/share/mysql/charsets
plugin_dir = {root}/usr/lib/mysql/plugin
datadir = {home}/data
tmpdir = {home}
socket = {home}/socket
pid_file = {home}/pid
log_error = {home}/log
port = {port}
bind_address = 127.0.0.1
mysqlx = OFF
secure_file_priv = NULL
innodb_buffer_pool_size = 64M
innodb_flush_log_at_trx_commit = 0
sync_binlog = 0
max_connections = 200
{more}
"""

ACCOUNT = "CREATE USER um@'%' IDENTIFIED BY 'um'; GRANT ALL ON um.* TO um@'%'"


class Mysql:
    """A server with a database `um` for the account `um`, unless it becomes a member of a group. `more` are further settings."""

    def __init__(self, stage, name, more=(), alone=True):
        self.stage, self.port = stage, stage.port()
        home = stage.home(name)
        self.socket = home / "socket"
        settings = home / "my.cnf"
        settings.write_text(SETTINGS.format(root=sid.FOLDER, home=home, port=self.port, more="\n".join(more)))
        command = [*sid.loads("usr/sbin/mysqld"), f"--defaults-file={settings}"]
        stage.run([*command, "--initialize-insecure"])
        self.process = stage.start(name, command)
        stage.ready(self.process, lambda: self.sql("SELECT 1", check=False) == "1")
        if alone:
            self.sql(f"CREATE DATABASE um; {ACCOUNT}")

    @property
    def url(self):
        return f"mysql://um:um@127.0.0.1:{self.port}/um"

    def sql(self, text, check=True):
        command = [*sid.loads("usr/bin/mysql"), "--no-defaults", f"--socket={self.socket}", "--user=root", "-Nse", text]
        return self.stage.run(command, check=check)

    def version(self):
        return self.sql("SELECT VERSION()").split("-")[0]


MEMBER = """server_id = {number}
report_host = 127.0.0.1
gtid_mode = ON
enforce_gtid_consistency = ON
plugin_load_add = group_replication.so
loose_group_replication_group_name = aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa
loose_group_replication_start_on_boot = OFF
loose_group_replication_local_address = 127.0.0.1:{group}
loose_group_replication_group_seeds = {seeds}
loose_group_replication_single_primary_mode = OFF
loose_group_replication_recovery_get_public_key = ON"""

RECOVERY = """SET SQL_LOG_BIN = 0; CREATE USER copy@'%' IDENTIFIED BY 'copy';
GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO copy@'%';
{account}; SET SQL_LOG_BIN = 1;
CHANGE REPLICATION SOURCE TO SOURCE_USER = 'copy', SOURCE_PASSWORD = 'copy' FOR CHANNEL 'group_replication_recovery'"""


class Group:
    """Members that all write, with a database `um`."""

    def __init__(self, stage, members=3, more=()):
        groups = [stage.port() for _ in range(members)]
        seeds = ",".join(f"127.0.0.1:{port}" for port in groups)
        settings = [MEMBER.format(number=number + 1, group=port, seeds=seeds) for number, port in enumerate(groups)]
        self.members = [
            Mysql(stage, f"member{number + 1}", [text, *more], alone=False) for number, text in enumerate(settings)
        ]
        for member in self.members:
            member.sql(RECOVERY.format(account=ACCOUNT))
        first, *others = self.members
        first.sql("SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION; "
                  "SET GLOBAL group_replication_bootstrap_group = OFF; CREATE DATABASE um")
        for member in others:
            member.sql("RESET BINARY LOGS AND GTIDS; START GROUP_REPLICATION")
        online = "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'"
        for member in self.members:
            stage.ready(member.process, lambda member=member: member.sql(online) == str(members))

    def urls(self):
        return [member.url for member in self.members]
