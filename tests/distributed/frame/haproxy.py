"""haproxy in front of servers of databases: one of them has all connections, and another takes over."""

from .stage import listens, program

NEEDS = ["haproxy"]

HEAD = """global
    maxconn 1000
    external-check
    insecure-fork-wanted
defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    # On a busy machine a check may take longer than the time between two.
    timeout check 5s
listen one
    bind 127.0.0.1:{port}
    # A server is down after two failed checks. Its connections are closed at once, or their clients would wait.
    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
"""


class Haproxy:
    """Sends to the first of `ports` that passes its check, and to the next one when it is down. With `only`, no more than one of them
    passes. The check is lines of its configuration, or a shell script whose arguments 3 and 4 are host and port."""

    def __init__(self, stage, ports, check=(), script="", only=False, name="haproxy"):
        self.port = stage.port()
        home = stage.home(name)
        lines = list(check)
        if script:
            path = home / "check"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            lines += ["option external-check", f"external-check command {path}"]
        for number, port in enumerate(ports):
            lines.append(f"server s{number} 127.0.0.1:{port} check{' backup' if number and not only else ''}")
        config = home / "haproxy.cfg"
        config.write_text(HEAD.format(port=self.port) + "".join(f"    {line}\n" for line in lines))
        # In the foreground.
        self.process = stage.start(name, [program("haproxy"), "-db", "-f", config])
        stage.ready(self.process, lambda: listens(self.port))
        # At first it takes all for well. What it finds out of later would cut connections.
        down = len(ports) - 1 if only else 0
        stage.ready(self.process, lambda: self.process.log.read_text().count(" is DOWN") >= down)
