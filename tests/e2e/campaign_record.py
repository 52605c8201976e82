"""What a campaign was told is done. Each word is on disk before it counts, so that nothing is remembered better than
it was promised."""

import collections
import json
import threading


class Record:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.grown = threading.Condition(self.lock)
        self.notes = collections.defaultdict(list)
        self.count = 0

    def note(self, kind, **facts):
        with self.lock:
            self.file.write(json.dumps({"kind": kind, **facts}) + "\n")
            self.file.flush()
            self.notes[kind].append(facts)
            self.count += 1
            self.grown.notify_all()

    def wait_for(self, more, seconds):
        """Until so many more notes were taken, or nothing comes any more."""
        with self.lock:
            wanted = self.count + more
            return self.grown.wait_for(lambda: self.count >= wanted, seconds)

    def of(self, kind):
        with self.lock:
            return list(self.notes[kind])

    def close(self):
        self.file.close()
