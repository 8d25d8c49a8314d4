"""A plain FastAPI Users application over SQLAlchemy and SQLite, as its documentation writes it: every router, a JWT behind the
Authorization header and another in a cookie, and hooks that append mails to a file of JSON lines as the reference server does.

    fastapi_users_app.py serve --folder DIR [--require-verified] [--cheap]    prints "listening on http://ADDRESS"
    fastapi_users_app.py promote --folder DIR --email E                       makes a verified superuser
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
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, relationship

SECRET = "only-for-tests-0123456789abcdef-x"
DATABASE = "fastapi_users.db"


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


def application(folder: Path, require_verified: bool, cheap: bool) -> FastAPI:
    sessions = Sessions(folder)
    helper = PasswordHelper(PasswordHash((Argon2Hasher(1, 64, 1), BcryptHasher()))) if cheap else None

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
    return app


def serve(folder: Path, require_verified: bool, cheap: bool):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application(folder, require_verified, cheap), log_level="warning")
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["serve", "promote"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--email")
    parser.add_argument("--require-verified", action="store_true")
    parser.add_argument("--cheap", action="store_true", help="hashes that cost nothing")
    options = parser.parse_args()
    if options.command == "serve":
        serve(options.folder, options.require_verified, options.cheap)
    else:
        promote(options.folder, options.email)


if __name__ == "__main__":
    main()
