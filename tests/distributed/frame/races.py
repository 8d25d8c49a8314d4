"""Many who want the same at one moment, over several servers: an address, a token, the end of the last superuser but one."""

import random
from collections import Counter

from .client import login, me, refresh, register, request
from .server import command, statuses, superuser, together
from .stage import until


def races(stage, servers, rounds=3, width=48):
    """One address, one token to verify, one to reset, one to refresh, each wanted by `width` clients at once. Of each there is one winner:
    of refreshes, which have a grace, one next token. Returns the statuses of each kind."""
    seen = {kind: Counter() for kind in ("register", "verify", "reset", "refresh")}

    def address(number):
        return servers[number % len(servers)].address

    def race(kind, ask):
        answers = together([lambda number=number: ask(number) for number in range(width)])
        seen[kind].update(statuses(answers))
        return answers

    for _ in range(rounds):
        email = f"race-{random.randrange(10**9)}@example.com"
        answers = race("register", lambda number: register(address(number), email))
        won = [answer for answer in answers if answer.status == 201]
        stage.expect(len(won) == 1, f"{len(won)} registrations of one address were acknowledged: {statuses(answers)}")

        request(address(0), "POST", "/auth/request-verify-token", {"email": email})
        token = servers[0].mailed("verify", email)
        answers = race("verify", lambda number: request(address(number), "POST", "/auth/verify", {"token": token}))
        won = [answer for answer in answers if answer.status == 200]
        stage.expect(len(won) == 1, f"one token verified {len(won)} times: {statuses(answers)}")

        request(address(0), "POST", "/auth/forgot-password", {"email": email})
        token = servers[0].mailed("forgot", email)
        answers = race("reset", lambda number: request(
            address(number), "POST", "/auth/reset-password", {"token": token, "password": f"horse number {number} battery"}
        ))
        won = [number for number, answer in enumerate(answers) if answer.status == 200]
        stage.expect(len(won) == 1, f"one token reset the password {len(won)} times: {statuses(answers)}")
        pair = login(address(0), email, f"horse number {won[0]} battery")
        stage.expect(pair.status == 200, f"the password is not the winner's: {pair.status}")

        answers = race("refresh", lambda number: refresh(address(number), pair.get("refresh_token")))
        tokens = {answer.get("refresh_token") for answer in answers if answer.status == 200}
        stage.expect(len(tokens) == 1, f"one refresh token has {len(tokens)} successors: {statuses(answers)}")
    return {kind: dict(counts) for kind, counts in seen.items()}


def demotions(stage, servers, url, rounds, redis=None):
    """Two superusers demote each other through two servers at one moment. Fails if no superuser is left; returns the statuses of the pairs.
    The superusers are counted by signed-in requests to each server, so `servers` must agree at once."""
    first, second = servers[0].address, servers[1 % len(servers)].address
    tag = random.randrange(10**6)
    emails = [f"one-{tag}@example.com", f"two-{tag}@example.com"]
    for email in emails:
        superuser(stage, url, email, redis)
    one, two = (login(place, email).get("access_token") for place, email in zip((first, second), emails))
    ids = [me(first, token=one).get("id"), me(second, token=two).get("id")]

    def grade(place, token, number, is_superuser):
        return request(place, "PATCH", f"/users/{ids[number]}", {"is_superuser": is_superuser}, token=token)

    listed = request(first, "GET", "/users?limit=200", token=one).body["users"]
    others = [user["id"] for user in listed if user["is_superuser"] and user["id"] not in ids]
    for other in others:
        request(first, "PATCH", f"/users/{other}", {"is_superuser": False}, token=one)
    pairs = Counter()
    for number in range(rounds):
        answers = together([lambda: grade(first, one, 1, False), lambda: grade(second, two, 0, False)])
        pairs.update([" ".join(sorted(str(answer.status) for answer in answers))])
        seen = [known_as(place, token) for place, token in ((first, one), (second, two))]
        left = [known for known, answer in enumerate(seen) if answer.get("is_superuser")]
        if not left:
            command(stage, url, "promote", "--email", emails[0], redis=redis)
        last = [(answer.status, answer.body) for answer in answers]
        stage.expect(left, f"no superuser is left after {number + 1} of {rounds} rounds: {dict(pairs)}, the last {last}")
        restored = grade(first, one, 1, True) if 0 in left else grade(second, two, 0, True)
        stage.expect(restored.status == 200, f"the other is not promoted again: {restored}")
        agreed([(first, one), (second, two)])
    for other in others:
        request(first, "PATCH", f"/users/{other}", {"is_superuser": True}, token=one)
    return dict(pairs)


def known_as(place, token):
    """The user of a token. An answer that does not come is no demotion."""

    def asked():
        answer = me(place, token=token)
        return answer if answer.status == 200 else None

    return until("the server knows the user", asked, 30)


def agreed(places):
    """Waits until each superuser is one in the eyes of each server."""

    def all_know():
        return all(me(place, token=token).get("is_superuser") for place, _ in places for _, token in places)

    until("all servers know both superusers", all_know, 30)
