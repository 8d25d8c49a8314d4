"""A plain FastAPI Users application over SQLAlchemy and SQLite, as its documentation writes it: every router, a JWT behind the
Authorization header and another in a cookie, and hooks that append mails to a file of JSON lines as the reference server does.

    fastapi_users_app.py serve --folder DIR [--require-verified] [--cheap | --argon2 M,T,P] [--listen ADDRESS --oidc ISSUER,ID,SECRET]
                                                                              prints "listening on http://ADDRESS"
    fastapi_users_app.py promote --folder DIR --email E                       makes a verified superuser
    fastapi_users_app.py fill --folder DIR                                    makes accounts of every kind, through the library
    fastapi_users_app.py schema --folder DIR                                  prints what makes its tables in PostgreSQL
"""

import argparse
import asyncio
import contextlib
import json
import socket
import sqlite3
import uuid
from pathlib import Path

import uvicorn
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, InvalidPasswordException, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, CookieTransport, JWTStrategy
from fastapi_users.password import PasswordHelper
from fastapi_users.db import SQLAlchemyBaseOAuthAccountTableUUID, SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, relationship
from sqlalchemy.schema import CreateTable

SECRET = "only-for-tests-0123456789abcdef-x"
DATABASE = "fastapi_users.db"
PASSWORD = "correct horse battery"
# More than are imported at once.
CROWD = 1200


class Base(DeclarativeBase):
    pass


class OAuthAccount(SQLAlchemyBaseOAuthAccountTableUUID, Base):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    oauth_accounts: Mapped[list[OAuthAccount]] = relationship("OAuthAccount", lazy="joined")


class UserRead(schemas.BaseUser[uuid.UUID]):
    pass


class UserCreate(schemas.BaseUserCreate):
    pass


class UserUpdate(schemas.BaseUserUpdate):
    pass


class Sessions:
    """The database of a folder."""

    def __init__(self, folder: Path):
        self.engine = create_async_engine(f"sqlite+aiosqlite:///{folder / DATABASE}")
        self.maker = async_sessionmaker(self.engine, expire_on_commit=False)

    async def create_tables(self):
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def user_db(self):
        async with self.maker() as session:
            yield SQLAlchemyUserDatabase(session, User, OAuthAccount)


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET
    mail_file: Path

    def mail(self, event, user, token=None):
        with self.mail_file.open("a") as file:
            file.write(json.dumps({"event": event, "email": user.email, "token": token}) + "\n")

    async def validate_password(self, password, user):
        if len(password) < 8:
            raise InvalidPasswordException(reason="The password is too short")

    async def on_after_register(self, user, request=None):
        self.mail("register", user)

    async def on_after_request_verify(self, user, token, request=None):
        self.mail("verify", user, token)

    async def on_after_forgot_password(self, user, token, request=None):
        self.mail("forgot", user, token)

    async def on_after_reset_password(self, user, request=None):
        self.mail("reset", user)


def application(folder: Path, require_verified: bool, argon2: tuple[int, int, int] | None, listen: str, oidc: str | None) -> FastAPI:
    sessions = Sessions(folder)
    helper = None
    if argon2:
        memory, passes, lanes = argon2
        helper = PasswordHelper(PasswordHash((Argon2Hasher(passes, memory, lanes), BcryptHasher())))

    async def user_manager(user_db=Depends(sessions.user_db)):
        manager = UserManager(user_db, helper)
        manager.mail_file = folder / "mail.jsonl"
        yield manager

    def strategy():
        return JWTStrategy(secret=SECRET, lifetime_seconds=3600)

    bearer = AuthenticationBackend("jwt", BearerTransport(tokenUrl="auth/jwt/login"), strategy)
    cookie = AuthenticationBackend("cookie", CookieTransport(), strategy)
    users = FastAPIUsers[User, uuid.UUID](user_manager, [bearer, cookie])

    @contextlib.asynccontextmanager
    async def lifespan(_):
        await sessions.create_tables()
        yield

    app = FastAPI(lifespan=lifespan)
    for backend in (bearer, cookie):
        router = users.get_auth_router(backend, requires_verification=require_verified)
        app.include_router(router, prefix=f"/auth/{backend.name}")
    app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth")
    app.include_router(users.get_reset_password_router(), prefix="/auth")
    app.include_router(users.get_verify_router(UserRead), prefix="/auth")
    router = users.get_users_router(UserRead, UserUpdate, requires_verification=require_verified)
    app.include_router(router, prefix="/users")
    if oidc:
        # Only here: it reads the metadata of the provider at once.
        from httpx_oauth.clients.openid import OpenID

        issuer, client_id, secret = oidc.split(",")
        client = OpenID(client_id, secret, f"{issuer}/.well-known/openid-configuration", name="op")
        settings = {"state_secret": SECRET, "csrf_token_cookie_secure": False}
        callback = f"http://{listen}/auth/op/callback"
        app.include_router(users.get_oauth_router(client, bearer, redirect_url=callback, **settings), prefix="/auth/op")
        callback = f"http://{listen}/auth/associate/op/callback"
        router = users.get_oauth_associate_router(client, UserRead, redirect_url=callback, **settings)
        app.include_router(router, prefix="/auth/associate/op")
    return app


def serve(folder: Path, require_verified: bool, argon2: tuple[int, int, int] | None, listen: str, oidc: str | None):
    listener = socket.socket()
    host, port = listen.split(":")
    listener.bind((host, int(port)))
    app = application(folder, require_verified, argon2, listen, oidc)
    config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=60)
    server = uvicorn.Server(config)

    async def run():
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        address = listener.getsockname()
        print(f"listening on http://{address[0]}:{address[1]}", flush=True)
        await task

    asyncio.run(run())


def promote(folder: Path, email: str):
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as database, database:
        done = database.execute("UPDATE user SET is_superuser = 1, is_verified = 1 WHERE email = ?", (email,))
        assert done.rowcount == 1, f"there is no user {email}"


async def fill(folder: Path):
    sessions = Sessions(folder)
    await sessions.create_tables()
    async with sessions.maker() as session:
        users = SQLAlchemyUserDatabase(session, User, OAuthAccount)
        manager = UserManager(users)
        manager.mail_file = folder / "mail.jsonl"

        async def create(email, **flags):
            return await manager.create(UserCreate(email=email, password=PASSWORD, **flags))

        async def with_hash(email, hashed_password):
            return await users.create({"email": email, "hashed_password": hashed_password})

        await create("Ada.Lovelace@Example.com")
        await with_hash("bob@example.com", BcryptHasher().hash(PASSWORD))
        await create("root@example.com", is_superuser=True, is_verified=True)
        await create("idle@example.com", is_active=False)
        await create("zoë+shop@example.com")
        # Written as two characters each: the library hashes what was typed.
        await manager.create(UserCreate(email="decomposed@example.com", password="zoe\u0308 and company"))
        # Their domains and hashes are not ours to read, and two of them differ in nothing but case.
        await create("dan@bücher.alt")
        await with_hash("not an address", BcryptHasher().hash(PASSWORD))
        await with_hash("old@example.com", "pbkdf2_sha256$600000$c2FsdA$aGFzaA==")
        await with_hash("Twin@example.com", BcryptHasher(4).hash(PASSWORD))
        await with_hash("twin@example.com", BcryptHasher(4).hash(PASSWORD))

        carol = await manager.oauth_callback("github", "canary-access", "4711", "carol@example.com", refresh_token="canary-refresh")
        await manager.oauth_associate_callback(carol, "google", "canary-access", "carol-at-google", "carol@google.example")
        ada = await users.get_by_email("ada.lovelace@example.com")
        await manager.oauth_associate_callback(ada, "github", "canary-access", "4711", "carol@example.com")

        hashed = BcryptHasher(4).hash(PASSWORD)
        rows = [{"email": f"user{n}@example.com", "hashed_password": hashed} for n in range(CROWD)]
        await session.execute(insert(User), rows)
        await session.commit()
    await sessions.engine.dispose()


def schema():
    for table in Base.metadata.sorted_tables:
        print(str(CreateTable(table).compile(dialect=postgresql.dialect())).strip() + ";")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["serve", "promote", "fill", "schema"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--email")
    parser.add_argument("--require-verified", action="store_true")
    parser.add_argument("--cheap", action="store_const", dest="argon2", const=(64, 1, 1), help="hashes that cost nothing")
    cost = lambda text: tuple(int(part) for part in text.split(","))  # noqa: E731
    parser.add_argument("--argon2", type=cost, help="the cost of Argon2id: memory in KiB, passes, lanes; else that of its library")
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--oidc", help="the issuer, the client's id and its secret; --listen then names a port")
    options = parser.parse_args()
    if options.command == "serve":
        serve(options.folder, options.require_verified, options.argon2, options.listen, options.oidc)
    elif options.command == "promote":
        promote(options.folder, options.email)
    elif options.command == "fill":
        asyncio.run(fill(options.folder))
    else:
        schema()


if __name__ == "__main__":
    main()
