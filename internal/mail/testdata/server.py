"""A mail server for the tests: aiosmtpd, which takes letters and prints each as a line of JSON.

Usage: server.py plain|starttls|implicit [certificate key [user password]]
"""
import asyncio, base64, json, ssl, sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, arguments = sys.argv[1], sys.argv[2:]
context = None
if mode != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments[0], arguments[1])
login = arguments[2:4]


class Keeps:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 <%s>: there is no such reader" % address
        if address.startswith("later@"):
            return "451 4.2.1 <%s>: the box is full today" % address
        if address.startswith("silent@"):
            await asyncio.sleep(60)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "encrypted": session.ssl is not None or mode == "implicit",
            "user": session.authenticated, "content": base64.b64encode(envelope.content).decode(),
        }), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    given = [data.login.decode(), data.password.decode()]
    return AuthResult(success=given == login, handled=False)


def protocol():
    return SMTP(
        Keeps(), tls_context=context if mode == "starttls" else None, require_starttls=mode == "starttls",
        authenticator=authenticate, auth_required=bool(login), auth_require_tls=mode == "starttls", hostname="mail.test",
    )


async def main():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context if mode == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
