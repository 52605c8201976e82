"""A wall clock that a test moves, for as many processes as it likes: they are started with `environment`."""

import datetime
import mmap
import os
import struct
import time

import shop

LIBRARY = os.path.join(os.path.dirname(shop.BINARY), "libshifted_clock.so")
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


class ShiftedClock:
    def __init__(self, folder):
        path = os.path.join(folder, "clock")
        with open(path, "wb") as file:
            file.write(struct.pack("q", 0))
        with open(path, "r+b") as file:
            self.offset = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": LIBRARY, "DOORBUSTER_TEST_CLOCK": path}
        # A sanitizer wants to be first; that another library is before it does no harm here.
        options = os.environ.get("ASAN_OPTIONS", "")
        self.environment["ASAN_OPTIONS"] = f"{options}:verify_asan_link_order=0".lstrip(":")

    @property
    def shift_ms(self):
        return struct.unpack("q", self.offset[:8])[0]

    def now_ms(self):
        return int(time.time() * 1000) + self.shift_ms

    def advance(self, seconds):
        self.offset[:8] = struct.pack("q", self.shift_ms + int(seconds * 1000))

    def set(self, moment):
        self.advance(moment.timestamp() - self.now_ms() / 1000)

    def begin_days_ago(self, days, hour=9):
        """In Beijing, where bills have their days."""
        today = datetime.datetime.now(BEIJING).replace(hour=hour, minute=0, second=0, microsecond=0)
        self.set(today - datetime.timedelta(days=days))

    def moment(self):
        return datetime.datetime.fromtimestamp(self.now_ms() / 1000, BEIJING)
