"""The life of an account over several servers: each step asks the next one, so that what one has written another must know."""

import itertools
import random
import time

from .client import login, refresh, register, request
from .server import SUPERUSER


class Walk:
    """Counts what is as expected, and keeps what is not. `pause` is waited before each step, where writes arrive late elsewhere."""

    def __init__(self, servers, pause=0.0):
        self.servers, self.pause = itertools.cycle(servers), pause
        self.right, self.wrong = 0, []

    def next(self):
        time.sleep(self.pause)
        return next(self.servers)

    def want(self, what, answer, status):
        """Notes whether an answer has a status, and returns the answer."""
        self.that(what, answer.status == status, answer)
        return answer

    def that(self, what, holds, seen):
        if holds:
            self.right += 1
        else:
            self.wrong.append(f"{what}: {str(seen)[:120]}")
        return holds

    def ask(self, what, status, method, path, **arguments):
        return self.want(what, request(self.next().address, method, path, **arguments), status)

    def account(self, email):
        """Registration, logins, refreshes and their reuse, sessions."""
        uid = self.want("register", register(self.next().address, email), 201).get("id")
        self.want("register twice", register(self.next().address, email.upper()), 400)
        pair = self.want("login", login(self.next().address, email), 200)
        cookie = self.want("login with a cookie", login(self.next().address, email, backend="cookie"), 204).cookie()
        self.ask("me", 200, "GET", "/users/me", token=pair.get("access_token"))
        self.ask("me with a cookie", 200, "GET", "/users/me", cookie=cookie)
        second = self.want("refresh", refresh(self.next().address, pair.get("refresh_token")), 200)
        third = self.want("refresh again", refresh(self.next().address, second.get("refresh_token")), 200)
        token = third.get("access_token")
        sessions = self.ask("sessions", 200, "GET", "/users/me/sessions", token=token).body
        others = [row["id"] for row in sessions if not row["is_current"]] if isinstance(sessions, list) else []
        self.that("one other session", len(others) == 1, sessions)
        for other in others:
            self.ask("revoke", 204, "DELETE", f"/users/me/sessions/{other}", token=token)
        self.ask("a revoked session", 401, "GET", "/users/me", cookie=cookie)
        self.want("an old refresh token", refresh(self.next().address, pair.get("refresh_token")), 400)
        self.ask("its session", 401, "GET", "/users/me", token=token)
        return uid

    def mails(self, email):
        """Verification, reset, changes of password and address; returns the last address, and a token."""
        server = next(self.servers)
        self.ask("ask to verify", 202, "POST", "/auth/request-verify-token", body={"email": email})
        token = server.mailed("verify", email)
        self.ask("verify", 200, "POST", "/auth/verify", body={"token": token})
        self.ask("verify twice", 400, "POST", "/auth/verify", body={"token": token})
        self.ask("forgot", 202, "POST", "/auth/forgot-password", body={"email": email})
        token, second = server.mailed("forgot", email), "another horse battery"
        self.ask("reset", 200, "POST", "/auth/reset-password", body={"token": token, "password": second})
        self.ask("reset twice", 400, "POST", "/auth/reset-password", body={"token": token, "password": second})
        self.want("the old password", login(self.next().address, email), 400)
        token = self.want("the new password", login(self.next().address, email, second), 200).get("access_token")
        third = "the third horse battery"
        change = {"current_password": second, "password": third}
        self.ask("change the password", 204, "POST", "/auth/change-password", body=change, token=token)
        self.ask("the session goes on", 200, "GET", "/users/me", token=token)
        moved = f"new-{email}"
        self.ask("ask for another address", 202, "POST", "/auth/request-email-change", body={"email": moved}, token=token)
        confirmation = server.mailed("change_email", moved)
        self.ask("confirm it", 200, "POST", "/auth/confirm-email-change", body={"token": confirmation})
        self.want("login with it", login(self.next().address, moved, third), 200)
        return token

    def administration(self, uid, token):
        """What a superuser does with the account."""
        admin = self.want("login of a superuser", login(self.next().address, SUPERUSER), 200).get("access_token")
        self.ask("list", 200, "GET", "/users?limit=5", token=admin)
        self.ask("read", 200, "GET", f"/users/{uid}", token=admin)
        self.ask("deactivate", 200, "PATCH", f"/users/{uid}", body={"is_active": False}, token=admin)
        self.ask("the deactivated user", 401, "GET", "/users/me", token=token)
        self.ask("delete", 204, "DELETE", f"/users/{uid}", token=admin)
        self.ask("the deleted user", 404, "GET", f"/users/{uid}", token=admin)
        self.ask("logout", 204, "POST", "/auth/jwt/logout", token=admin)
        self.ask("the ended session", 401, "GET", "/users/me", token=admin)


def functional(servers, rounds=1, pause=0.0):
    """Lives of `rounds` accounts. A superuser must exist. Returns the walk, whose `wrong` should be empty."""
    walk = Walk(servers, pause)
    for _ in range(rounds):
        email = f"walk-{random.randrange(10**9)}@example.com"
        uid = walk.account(email)
        walk.administration(uid, walk.mails(email))
    return walk


def works(stage, servers, rounds=1, pause=0.0):
    """Fails the scene if anything is not as expected; returns how many checks held."""
    walk = functional(servers, rounds, pause)
    stage.expect(not walk.wrong, f"{len(walk.wrong)} of {walk.right + len(walk.wrong)} checks failed: {walk.wrong[:5]}")
    return walk.right
