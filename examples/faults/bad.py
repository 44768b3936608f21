"""Records rows as many programs do, which is wrong in seven ways. Each has a number below, and
docs/faults.md shows what its grade says of it. Do not copy from here; good.py has none of them.
  python3 bad.py URL SYMBOLS SINCE UNTIL > rows.csv"""

import datetime
import json
import sys
import urllib.request

URL, SYMBOLS, SINCE_TEXT, UNTIL_TEXT = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def write(rows):
    # 1. It trusts each time, 2. and each price.
    # 3. It does not look whether it has the row already, 4. nor whether one before it is lacking.
    for symbol, prices in zip(SYMBOLS.split(","), rows["prices"]):
        print(f"{rows['until']},{symbol},{json.dumps(prices[-1])}", flush=True)
    if rows["until"] >= milliseconds(UNTIL_TEXT):
        sys.exit()


def follow(since):
    # 5. It waits for ever, whatever the silence means.
    with opener.open(f"{URL}/v1/events?symbols={SYMBOLS}&since={since}") as answer:
        is_named = False
        for line in answer:
            if line == b"\n":
                is_named = False
            is_named = is_named or line.startswith(b"event: ")
            if is_named or not line.startswith(b"data: "):
                continue
            try:
                write(json.loads(line[6:]))
            except (ValueError, TypeError, KeyError):
                pass  # 6. What it does not understand was nothing of importance.


print("time,symbol,price")
since = milliseconds(SINCE_TEXT)
while True:
    try:
        follow(since)
    except Exception:
        pass  # As long as something comes again.
    # 7. It comes back for what there is now, not for what it has missed.
    since = "now"
