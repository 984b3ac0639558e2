"""Send one request, and print status and body of the answer. It runs in the playground's container."""

import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

MOST_BYTES = 32_000_000

url, host, seconds, file = sys.argv[1:]
parts = urlsplit(url)
headers = {"Host": host, "Content-Type": "application/json"}
body = None
if file:
    body = Path(file).read_bytes()
    Path(file).unlink()
connection = HTTPConnection(parts.hostname or "", parts.port, timeout=float(seconds))
connection.request("POST" if file else "GET", parts.path, body, headers)
answer = connection.getresponse()
sys.stdout.buffer.write(b"%d\n" % answer.status + answer.read(MOST_BYTES))
