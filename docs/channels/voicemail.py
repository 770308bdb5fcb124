#!/usr/bin/env python3
"""Posts what baresip records to Sportello: an answering machine without a telephone exchange.

baresip answers, plays its greeting and records (see voicemail.md); this follows its control socket and hands each
recording over when the call ends. A recording stays on disk until Sportello has taken it, also over a restart.

usage: voicemail.py --control HOST:PORT --recordings DIRECTORY --hooks URL --secret-file FILE
"""
import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--control", required=True, help="where baresip's ctrl_tcp listens")
    parser.add_argument("--recordings", required=True, type=pathlib.Path, help="baresip's snd_path")
    parser.add_argument("--hooks", required=True, help="address of the voicemail account's hooks")
    parser.add_argument("--secret-file", required=True, type=pathlib.Path)
    return parser.parse_args()


def messages(control):
    """The netstrings that baresip writes, for as long as it runs."""
    host, port = control.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection, connection.makefile("rb") as stream:
        while True:
            length = b""
            while (byte := stream.read(1)) != b":":
                if not byte:
                    return
                length += byte
            yield json.loads(stream.read(int(length)))
            stream.read(1)


def begun(recording):
    """When a recording was begun: baresip writes it into the name, with a resolution of one second."""
    digits = re.findall(r"\d+", recording.name)
    return time.mktime(tuple(map(int, digits[:6])) + (0, 0, -1)) if len(digits) >= 6 else recording.stat().st_mtime


def follow(options):
    """Writes beside each finished recording what is known of its call."""
    answered = {}
    for message in messages(options.control):
        call = message.get("id", "")
        if message.get("type") == "CALL_ESTABLISHED":
            answered[call] = time.time()
        if message.get("type") != "CALL_CLOSED" or call not in answered:
            continue
        # The file is complete a moment after the call.
        time.sleep(0.5)
        at = answered.pop(call)
        waiting = [r for r in options.recordings.glob("*-dec.wav") if not r.with_suffix(".json").exists()]
        nearest = min(waiting, key=lambda recording: abs(begun(recording) - at), default=None)
        if nearest is None:
            continue
        facts = {"call_id": call, "from": message.get("peeruri", ""), "at": str(int(at))}
        partial = nearest.with_suffix(".tmp")
        partial.write_text(json.dumps(facts))
        partial.rename(nearest.with_suffix(".json"))


def post(options, recording, facts):
    """Whether the recording needs no further attempt."""
    secret = options.secret_file.read_bytes().strip()
    body = recording.read_bytes()
    query = urllib.parse.urlencode({"t": int(time.time()), **facts})
    text = b"recording?" + query.encode() + b"\n" + body
    signature = base64.urlsafe_b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode().rstrip("=")
    address = f"{options.hooks}/recording?{query}&v1={signature}"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "audio/wav"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):
            return True
    except urllib.error.HTTPError as error:
        print(f"{recording.name}: refused with {error.code}", file=sys.stderr, flush=True)
        # Not a recording at all: kept for a person to listen to, under a name that is not tried again.
        if error.code == 400:
            recording.with_suffix(".json").rename(recording.with_suffix(".refused"))
    except OSError as error:
        print(f"{recording.name}: {error}", file=sys.stderr, flush=True)
    return False


def deliver(options):
    while True:
        for sidecar in sorted(options.recordings.glob("*.json")):
            recording = sidecar.with_suffix(".wav")
            if not recording.exists() or post(options, recording, json.loads(sidecar.read_text())):
                # In this order: what is left by a crash between the two is a fact sheet without a recording.
                greeting = recording.name.replace("-dec.wav", "-enc.wav")
                recording.with_name(greeting).unlink(missing_ok=True)
                recording.unlink(missing_ok=True)
                sidecar.unlink()
        time.sleep(1)


def main():
    options = arguments()
    threading.Thread(target=deliver, args=(options,), daemon=True).start()
    while True:
        try:
            follow(options)
        except (OSError, ValueError) as error:
            print(f"baresip: {error}", file=sys.stderr, flush=True)
        time.sleep(0.5)


main()
