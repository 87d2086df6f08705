"""An MCP server of a few lines for tests: what it says stands in its calls' arguments.

    python scripted_server.py RECORD OPTIONS

It writes every byte it reads to the file RECORD. OPTIONS is a JSON object: `toolless`, `own` (it
has a headroom_retrieve of its own), `pages`, and `code`, its exit code once its stdin ends.
"""

import json
import os
import signal
import sys

ROWS = json.dumps(
    [
        {
            "id": 7_000 + n,
            "title": f"Issue {n}: timeout in worker {n % 7}",
            "state": "open",
            "labels": ["bug", f"area-{n % 5}"],
            "assignee": f"user{n % 9}",
            "comments": n * 3 % 17,
            "url": f"https://example.org/acme/shop/issues/{7_000 + n}",
        }
        for n in range(200)
    ]
)
LIST = '{"jsonrpc" : "2.0","result":{"tools":[ {"name":"rows","x-ünknown":1.50,"inputSchema":{"type":"object"}} ]%s},"id":%s}\n'


def put(line):
    sys.stdout.buffer.write(line if isinstance(line, bytes) else line.encode("utf-8"))
    sys.stdout.buffer.flush()


def answer(number, result):
    put(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}) + "\n")


def texts(*parts, **more):
    return {"content": [{"type": "text", "text": part} for part in parts], **more}


def listed(number, params, options):
    if options.get("own"):
        tools = [{"name": "headroom_retrieve", "inputSchema": {"type": "object"}}]
        answer(number, {"tools": tools})
    elif options.get("pages") and "cursor" not in params:
        put(LIST % (', "nextCursor":"2"', json.dumps(number)))
    else:
        put(LIST % ("", json.dumps(number)))


def rows(number, arguments, options):
    answer(number, texts(ROWS, structuredContent={"rows": ROWS}))


def text(number, arguments, options):
    answer(number, texts(arguments["text"]))


def raw(number, arguments, options):
    for line in arguments["lines"]:
        put(line.replace("ID", json.dumps(number)).encode("latin-1"))


def huge(number, arguments, options):
    put(f'{{"jsonrpc":"2.0","id":{number},"result":{{"content":[{{"type":"text","text":"')
    for _ in range(arguments["megabytes"]):
        put("abcdefghij" * 100_000)
    put('"}]}}\n')


def retrieve(number, arguments, options):
    answer(number, texts("the server's own"))


def nothing(number, arguments, options):
    pass


def die(number, arguments, options):
    put(arguments["last"])
    os._exit(arguments["code"])


def killed(number, arguments, options):
    os.kill(os.getpid(), signal.SIGKILL)


def close(number, arguments, options):
    os.close(1)


TOOLS = {made.__name__: made for made in (rows, text, raw, huge, nothing, die, killed, close)}
TOOLS["headroom_retrieve"] = retrieve


def main():
    with open(sys.argv[1], "wb") as record:
        options = json.loads(sys.argv[2])
        for line in sys.stdin.buffer:
            record.write(line)
            record.flush()
            try:
                said = json.loads(line)
            except (ValueError, RecursionError):
                continue
            method = said.get("method") if isinstance(said, dict) else None
            params = said.get("params", {}) if method else {}
            if method == "initialize":
                has = {} if options.get("toolless") else {"tools": {}}
                answer(said["id"], {"protocolVersion": "2025-06-18", "capabilities": has})
            elif method == "tools/list":
                listed(said["id"], params, options)
            elif method == "tools/call":
                TOOLS[params["name"]](said["id"], params.get("arguments", {}), options)
    sys.exit(options.get("code", 0))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(40))
    main()
