"""Valkey of Debian unstable, killed and started again as Redis is."""

from frame.redis import VALKEY

from . import redis_restart

NEEDS = ["redis-cli"]
SID = [VALKEY]


def play(stage):
    return redis_restart.play(stage, valkey=True)
