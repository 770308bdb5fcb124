"""An Open311 endpoint: GeoReport v2 with mySociety's updates, written from the specification (wiki.open311.org) alone.

usage: open311.py PORT KEY NOW; what is made is dated NOW. State is in memory. /control/... is the test's own door:
POST /control/mode {"mode": "up"|"down"|"die"}   die: the next POST of a request is stored and never answered
POST /control/update {...}                       something happens to a request
GET  /control/state                              all requests and the updates that others posted
"""
import json
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

PORT, KEY, NOW = int(sys.argv[1]), sys.argv[2], sys.argv[3]
SERVICES = [
    {"service_code": "001", "service_name": "Sanità pubblica", "description": "", "metadata": False, "type": "realtime",
     "keywords": "", "group": "Salute"},
    {"service_code": "TOK", "service_name": "Con gettone", "description": "", "metadata": False, "type": "batch",
     "keywords": "", "group": "Salute"},
]
LOCK = threading.Lock()
REQUESTS, UPDATES, POSTED, TOKENS = [], [], {}, {}
MODE = {"mode": "up"}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, items, root="", item=""):
        if self.path.split("?")[0].endswith(".xml"):
            fields = lambda one: "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in one.items() if v is not None)
            body = f"<?xml version='1.0' encoding='utf-8'?><{root}>" + "".join(
                f"<{item}>{fields(one)}</{item}>" for one in items) + f"</{root}>"
            kind = "text/xml; charset=utf-8"
        else:
            body, kind = json.dumps(items), "application/json; charset=utf-8"
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def wrong(self, status, words):
        self.reply(status, [{"code": status, "description": words}], "errors", "error")

    def parts(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        path = url.path
        for end in (".json", ".xml"):
            path = path.removesuffix(end)
        return path.strip("/").split("/"), query

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def do_GET(self):
        path, query = self.parts()
        with LOCK:
            if path == ["control", "state"]:
                return self.reply(200, {"requests": REQUESTS, "posted": list(POSTED.values())})
            if MODE["mode"] == "down":
                return self.wrong(503, "maintenance")
            if path == ["services"]:
                return self.reply(200, SERVICES, "services", "service")
            if path == ["requests"]:
                return self.reply(200, self.found(query), "service_requests", "request")
            if path[0] == "requests" and len(path) == 2:
                one = [r for r in REQUESTS if r["service_request_id"] == path[1]]
                return self.reply(200, one, "service_requests", "request") if one else self.wrong(404, "not found")
            if path[0] == "tokens" and len(path) == 2:
                if path[1] not in TOKENS:
                    return self.wrong(404, "not found")
                token = {"service_request_id": TOKENS[path[1]], "token": path[1]}
                return self.reply(200, [token], "service_requests", "request")
            if path == ["servicerequestupdates"]:
                start, end = moment(query["start_date"]), moment(query["end_date"])
                some = [u for u in UPDATES if start <= moment(u["updated_datetime"]) <= end]
                return self.reply(200, some, "service_request_updates", "request_update")
        self.wrong(404, "not found")

    def found(self, query):
        some = REQUESTS
        if "service_request_id" in query:
            return [r for r in some if r["service_request_id"] in query["service_request_id"].split(",")]
        if "service_code" in query:
            some = [r for r in some if r["service_code"] in query["service_code"].split(",")]
        if "start_date" in query:
            some = [r for r in some if moment(r["requested_datetime"]) >= moment(query["start_date"])]
        return some

    def do_POST(self):
        path, _ = self.parts()
        text = self.body()
        with LOCK:
            if path[0] == "control":
                told = json.loads(text)
                if path[1] == "mode":
                    MODE.update(told)
                else:
                    UPDATES.append(told)
                    for request in REQUESTS:
                        if request["service_request_id"] == told["service_request_id"]:
                            request["status"] = "closed" if told["status"] in ("FIXED", "CLOSED") else "open"
                return self.reply(200, [])
            if MODE["mode"] == "down":
                return self.wrong(503, "maintenance")
            form = {name: values[0] for name, values in parse_qs(text).items()}
            if form.get("api_key") != KEY:
                return self.wrong(403, "api_key")
            if path == ["servicerequestupdates"]:
                for name in ("update_id", "service_request_id", "status", "description", "updated_datetime"):
                    if not form.get(name):
                        return self.wrong(400, f"{name} is missing")
                POSTED.setdefault(form["update_id"], form)
                return self.reply(201, [{"update_id": str(len(POSTED))}], "service_request_updates", "request_update")
            if path != ["requests"]:
                return self.wrong(404, "not found")
            if form.get("service_code") not in [s["service_code"] for s in SERVICES]:
                return self.wrong(400, "service_code")
            if not any(form.get(name) for name in ("lat", "address_string", "address_id")):
                return self.wrong(400, "location")
            number = str(9000 + len(REQUESTS))
            REQUESTS.append({"service_request_id": number, "status": "open", "status_notes": None,
                             "service_code": form["service_code"], "description": form.get("description", ""),
                             "requested_datetime": NOW, "updated_datetime": NOW, "email": form.get("email"),
                             "address": form.get("address_string")})
            if MODE["mode"] == "die":
                MODE["mode"] = "up"
                self.close_connection = True
                return self.connection.shutdown(2)
            if form["service_code"] == "TOK":
                TOKENS[f"t{number}"] = number
                return self.reply(201, [{"token": f"t{number}"}], "service_requests", "request")
            self.reply(201, [{"service_request_id": number, "service_notice": "grazie"}], "service_requests", "request")


ThreadingHTTPServer(("127.0.0.1", PORT), Endpoint).serve_forever()
