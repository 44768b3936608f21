"""Records rows of a feed that may misbehave, and has every one of them right in the end:
  python3 good.py URL HISTORY SYMBOLS SINCE UNTIL > rows.csv
URL is where it follows the feed, /faulty/PROFILE:SEED and all; HISTORY is where it asks for what
is over. It writes a row down when it has seen it from both: a price that is wrong and looks right
is found in no other way. Python's own library is enough."""

import collections
import datetime
import http.client
import json
import random
import sys
import time
import urllib.error
import urllib.request

URL, HISTORY, SYMBOLS, SINCE_TEXT, UNTIL_TEXT = sys.argv[1:]
CLOSED_ROWS = 50  # Rows that are followed before they are read again.
WAIT_S = 2  # The longest wait before it comes back.
ANSWER_S = 10  # After so long without a byte an answer is given up.
BROKEN = (OSError, http.client.HTTPException)
# Not those of a proxy that the environment names: a feed on this machine has none.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
found = collections.Counter()  # What it found wrong, and how often.


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def ask(path):
    """Asks until there is an answer that is whole; raises if it says not to ask again."""
    wait = 0.1
    while True:
        try:
            with opener.open(HISTORY + path, timeout=ANSWER_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 429:
                raise SystemExit(error.read().decode())
        except (*BROKEN, ValueError):
            pass
        time.sleep(wait)
        wait = min(2 * wait, WAIT_S)


class Recorder:
    def __init__(self):
        market = ask("/v1/market")
        # Which market it is, told anew whenever something is done to it.
        self.market, self.interval = market["market"], market["interval"]
        bounds = {one["symbol"]: (one["min"], one["max"]) for one in market["instruments"]}
        self.symbols = SYMBOLS.split(",")
        self.bounds = [bounds[symbol] for symbol in self.symbols]
        self.heartbeat_s = ask("/v1/hello")["heartbeat"] / 1000
        # Time of the last row it was told, and of the last it has written down.
        self.cursor = self.written = milliseconds(SINCE_TEXT)
        self.until = milliseconds(UNTIL_TEXT)
        self.told = []  # Prices of the rows between those, as the feed told them.

    def wrong_with(self, since, until, prices):
        """What is wrong with a message, if it can be seen."""
        count, rest = divmod(until - since, self.interval)
        if rest or count < 1 or len(prices) != len(self.symbols):
            return "time"
        for values, (low, high) in zip(prices, self.bounds):
            if len(values) != count:
                return "time"
            if not all(type(one) is int and low <= one <= high for one in values):
                return "price"
        return "gap" if since > self.cursor else None

    def take(self, since, until, prices):
        """Takes in a message of rows. Gives whether it can go on from there."""
        wrong = self.wrong_with(since, until, prices)
        if wrong:
            found[wrong] += 1
            return False
        if until <= self.cursor:
            found["again"] += 1
        # What it has already is left out.
        known = (self.cursor - since) // self.interval
        self.told += list(zip(*prices))[known:]
        self.cursor = max(self.cursor, until)
        return True

    def close(self):
        """Reads what it was told again from where it is over, and writes down what is true."""
        while self.written < self.cursor:
            query = f"since={self.written}&until={self.cursor}&market={self.market}"
            rows = ask(f"/v1/rows?symbols={SYMBOLS}&{query}")
            true = list(zip(*rows["prices"]))
            for n, prices in enumerate(true):
                at = rows["since"] + (n + 1) * self.interval
                if at > self.until:
                    break
                for symbol, price, told in zip(self.symbols, prices, self.told[n]):
                    if price != told:
                        found["not true"] += 1
                    print(f"{at},{symbol},{price}", flush=True)
            self.told = self.told[len(true):]
            self.written = rows["until"]

    def take_event(self, lines):
        """Takes in an event. Gives whether it can go on from there."""
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        # Events that have a name are no rows; `bye` is the last of its stream.
        name = fields.get("event")
        if name == "bye" or "data" not in fields:
            return name != "bye"
        try:
            rows = json.loads(fields["data"])
            if name == "market":
                self.market = rows["market"]
            if name:
                return True
            return self.take(rows["since"], rows["until"], rows["prices"])
        except (ValueError, TypeError, KeyError):
            found["garbage"] += 1
            return False

    def follow(self):
        """Follows the feed from the cursor on, until it ends or cannot be believed."""
        query = f"symbols={SYMBOLS}&since={self.cursor}&market={self.market}"
        try:
            # Who hears nothing for two heartbeats hears nothing any more, however open the
            # socket is.
            address = f"{URL}/v1/events?{query}"
            with opener.open(address, timeout=2 * self.heartbeat_s) as answer:
                lines = []
                for line in answer:
                    if line != b"\n":
                        lines.append(line.decode(errors="replace").rstrip("\n"))
                        continue
                    if not self.take_event(lines) or self.cursor >= self.until:
                        return
                    lines = []
                    if self.cursor - self.written >= CLOSED_ROWS * self.interval:
                        self.close()
                found["end"] += 1
        except urllib.error.HTTPError as error:
            found[f"status {error.code}"] += 1
            if error.code < 429:
                raise SystemExit(error.read().decode())
            time.sleep(float(error.headers.get("retry-after", 0)))
        except TimeoutError:
            found["silence"] += 1
        except BROKEN:
            found["broken"] += 1

    def record(self):
        print("time,symbol,price")
        wait = 0.05
        while self.cursor < self.until:
            before = self.cursor
            self.follow()
            # The longer nothing comes, the less often it asks; what came shows that all is well.
            wait = 0.05 if self.cursor > before else min(2 * wait, WAIT_S)
            time.sleep(wait * random.random())
        self.close()


Recorder().record()
for what, count in sorted(found.items()):
    print(f"{what}: {count}", file=sys.stderr)
