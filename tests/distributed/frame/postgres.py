"""PostgreSQL servers: a primary, and standbys that follow it."""

import signal

from .stage import program

NEEDS = ["initdb", "pg_basebackup", "psql"]

# What is acknowledged outlives a killed process without waiting for the disk.
SETTINGS = """listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{home}'
max_connections = 200
shared_buffers = 32MB
wal_level = replica
max_wal_senders = 4
fsync = off
"""


class Postgres:
    """A server with a database `um` for the account `um`, who is an administrator. Every connection is trusted."""

    def __init__(self, stage, name="postgres", follows=None):
        self.stage, self.name, self.port = stage, name, stage.port()
        self.home = stage.home(name)
        self.data = self.home / "data"
        if follows:
            stage.run([
                program("pg_basebackup"), "-h", "127.0.0.1", "-p", follows.port, "-U", "um", "-D", self.data, "-R", "-X", "stream",
                "-C", "-S", name, "-c", "fast", "--no-sync", "-d", f"application_name={name}",
            ])
        else:
            stage.run([
                program("initdb"), "-D", self.data, "-U", "um", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                "--no-instructions",
            ])
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(port=self.port, home=self.home))
        self.process = None
        self.start()
        if not follows:
            self.sql("CREATE DATABASE um", "postgres")

    @property
    def url(self):
        return f"postgres://um@127.0.0.1:{self.port}/um"

    def start(self):
        self.process = self.stage.start(self.name, [program("postgres"), "-D", self.data])
        self.stage.ready(self.process, self.answers)

    def answers(self):
        return self.stage.run([*self.psql("postgres"), "-c", "SELECT 1"], check=False) == "1"

    def psql(self, database):
        return [program("psql"), "-XqAt", "-h", "127.0.0.1", "-p", self.port, "-U", "um", "-d", database]

    def sql(self, text, database="um"):
        return self.stage.run([*self.psql(database), "-v", "ON_ERROR_STOP=1", "-c", text])

    def promote(self):
        self.stage.run([program("pg_ctl"), "-D", self.data, "-w", "promote"])

    def stop(self):
        self.process.stop(signal.SIGINT)

    def version(self):
        return self.sql("SHOW server_version").split()[0]
