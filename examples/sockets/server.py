# Accepts on the socket that reload keeps open; started without reload, on PORT.
import os
import signal
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"Hello from Python\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


given = "LISTEN_FDS" in os.environ
server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Handler, bind_and_activate=not given)
if given:
    server.socket.close()
    server.socket = socket.socket(fileno=3)

# What was accepted is answered before the end; what was not is for the next one.
ending = False


def end(*_):
    global ending
    ending = True


signal.signal(signal.SIGTERM, end)
server.timeout = 0.05
while not ending:
    server.handle_request()
