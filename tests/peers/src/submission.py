"""A submission server with STARTTLS and a password. Mail of the local domain goes to LMTP when there is one;
everything else is written to a directory, one file a message, so that a test can read what a citizen would get."""

import asyncio
import json
import os
import signal
import smtplib
import ssl
import sys
import uuid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

config = json.load(open(sys.argv[1]))
DOMAIN = "@" + config["domain"]


def sender(envelope):
    return "" if envelope.mail_from in (None, "<>") else envelope.mail_from


def to_mailboxes(envelope, recipients):
    with smtplib.LMTP("127.0.0.1", config["lmtp"]) as lmtp:
        lmtp.sendmail(sender(envelope), recipients, envelope.content)


def to_files(envelope, recipients):
    for recipient in recipients:
        name = os.path.join(config["captured"], uuid.uuid4().hex)
        head = {"from": sender(envelope), "to": recipient}
        with open(name + ".part", "wb") as out:
            out.write(json.dumps(head).encode() + b"\n" + envelope.content)
        os.rename(name + ".part", name + ".eml")


class Submission:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("bounce@"):
            return "550 5.1.1 no such user here"
        if address.startswith("defer@"):
            return "451 4.2.1 mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        local = [a for a in envelope.rcpt_tos if config["lmtp"] and a.lower().endswith(DOMAIN)]
        other = [a for a in envelope.rcpt_tos if a not in local]
        try:
            if local:
                await asyncio.to_thread(to_mailboxes, envelope, local)
            if other:
                await asyncio.to_thread(to_files, envelope, other)
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
            return f"{code} {words.decode(errors='replace')}"
        except Exception as error:
            return f"451 4.3.0 {type(error).__name__}"
        return f"250 2.0.0 OK queued as {uuid.uuid4().hex[:12]}"


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and data.login.decode() == config["user"]
    # Not handled: the server itself tells the client that it was refused.
    return AuthResult(success=known and data.password.decode() == config["password"], handled=False)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(config["cert"], config["key"])
controller = Controller(
    Submission(), hostname="127.0.0.1", port=config["port"], tls_context=context, require_starttls=True,
    auth_required=True, auth_require_tls=True, authenticator=authenticate, data_size_limit=64 << 20,
)
controller.start()
signal.sigwait([signal.SIGTERM, signal.SIGINT])
