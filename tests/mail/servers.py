"""Mail servers on loopback, each with a fault of its own. The first line of the output has their ports, and each further line is a mail."""

import asyncio
import base64
import datetime
import json
import socket
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# How long a slow server takes: longer than every limit of the tests.
SLOW = 30


class Handler:
    """Takes mails. An address says what happens to its mail."""

    def __init__(self, name):
        self.name = name
        self.grey = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        what = address.split("@")[0]
        if what.startswith("refused"):
            return "550 5.1.1 no such user"
        if what.startswith("full"):
            return "452 4.2.2 mailbox full"
        if what.startswith("grey") and address not in self.grey:
            self.grey.add(address)
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_NOOP(self, server, session, envelope, arg):
        if self.name == "vanishing":
            await asyncio.sleep(SLOW)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos
        mail = {"server": self.name, "peer": session.peer[1], "from": envelope.mail_from, "to": to}
        mail["tls"] = server.transport.get_extra_info("ssl_object") is not None
        mail["data"] = base64.b64encode(envelope.original_content or envelope.content).decode()
        print(json.dumps(mail), flush=True)
        if to[0].startswith("slow"):
            await asyncio.sleep(SLOW)
        if to[0].startswith("late"):
            await asyncio.sleep(1.5)
        if to[0].startswith("drop"):
            server.transport.abort()
        return f"250 OK for {to[0]}"


def certificate(folder, name, host):
    """A certificate for a host, and the file of the authority that has signed it."""
    def key():
        return ec.generate_private_key(ec.SECP256R1())

    def built(subject, public, issuer, signer, extension):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1)).add_extension(extension, critical=True)
        return builder.sign(signer, hashes.SHA256())

    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    ca_key, own_key = key(), key()
    ca = built(named(name), ca_key.public_key(), named(name), ca_key, x509.BasicConstraints(ca=True, path_length=0))
    hosts = x509.SubjectAlternativeName([x509.DNSName(host)])
    own = built(named(host), own_key.public_key(), named(name), ca_key, hosts)
    pem = serialization.Encoding.PEM
    (folder / f"{name}-ca.pem").write_bytes(ca.public_bytes(pem))
    chain = folder / f"{name}.pem"
    private = own_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(own.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def check_login(server, session, envelope, mechanism, login):
    is_right = (login.login, login.password) == (b"us@er", b"pass/word")
    return AuthResult(success=is_right, handled=is_right)


async def main():
    folder = Path(sys.argv[1])
    good, other = certificate(folder, "good", "localhost"), certificate(folder, "other", "other.example")
    loop, ports, sockets = asyncio.get_running_loop(), {}, []

    async def serve(name, wrapped=None, **options):
        handler = Handler(name)
        options.setdefault("hostname", "mail.example")
        server = await loop.create_server(lambda: SMTP(handler, **options), "localhost", 0, family=socket.AF_INET, ssl=wrapped)
        ports[name] = server.sockets[0].getsockname()[1]
        sockets.append(server)

    await serve("plain", enable_SMTPUTF8=True)
    await serve("ascii", enable_SMTPUTF8=False)
    await serve("impatient", timeout=1)
    await serve("vanishing")
    await serve("starttls", tls_context=good, require_starttls=True)
    await serve("smtps", wrapped=good)
    await serve("misnamed", tls_context=other, require_starttls=True)
    await serve("login", authenticator=check_login, auth_required=True, auth_require_tls=False)

    async def mute(reader, writer):
        await asyncio.sleep(SLOW)

    async def closed(reader, writer):
        writer.write(b"554 5.3.2 no service here\r\n")
        await writer.drain()
        writer.close()

    for name, serving in [("mute", mute), ("closed", closed)]:
        server = await asyncio.start_server(serving, "localhost", 0, family=socket.AF_INET)
        ports[name] = server.sockets[0].getsockname()[1]
        sockets.append(server)
    absent = socket.socket()
    absent.bind(("localhost", 0))
    ports["absent"] = absent.getsockname()[1]
    print(json.dumps(ports), flush=True)
    # They end with the input of the test that has started them.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
