"""Answers with large answers, each written whole before the next request is read."""

import json

from _speak import requests, shake_hands, write

shake_hands()
for request in requests():
    answers = [[{"ok": "x" * 2**19}] for _ in request["programs"]]
    write(json.dumps({"seq": request["seq"], "observations": answers}, separators=(",", ":")) + "\n")
