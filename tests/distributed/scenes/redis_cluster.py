"""A Redis Cluster of three masters is refused."""

from frame.redis import NEEDS, Redis  # noqa: F401
from frame.server import refusal
from frame.stage import program

QUICK = True


def play(stage):
    nodes = [
        Redis(stage, f"node{number}", ["--cluster-enabled", "yes", "--cluster-port", stage.port(), "--cluster-node-timeout", "2000"])
        for number in range(3)
    ]
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    stage.run([program("redis-cli"), "--cluster", "create", *addresses, "--cluster-yes"])
    for node in nodes:
        said = refusal(stage, f"sqlite://{stage.folder}/users.db", redis=node.url)
        stage.expect("Redis Cluster is not supported" in said, said)
    return {"version": nodes[0].version()}
