#!/usr/bin/env python3
"""clang-tidy over the sources named, each only once for the same text: what was found clean is remembered by
a hash of the file as the compiler sees it (with its headers, the checks, the flags and clang-tidy's version).

tools/tidy.py <build folder> <source>...   exit 1 when a source is not clean
"""

import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys

TIDY = "clang-tidy-19"


def commands(folder):
    """Source → (flags to preprocess it, where)."""
    found = {}
    with open(os.path.join(folder, "compile_commands.json")) as file:
        for entry in json.load(file):
            words = shlex.split(entry["command"])
            while not os.path.basename(words[0]).startswith("clang++"):  # a launcher before it
                words.pop(0)
            at = words.index("-o")
            del words[at : at + 2]
            words.remove("-c")
            found[os.path.realpath(entry["file"])] = (words, entry["directory"])
    return found


def fingerprint(words, directory, rules):
    """Nothing when the compiler cannot read the file: clang-tidy is to say why."""
    # With comments: NOLINT is one.
    done = subprocess.run([*words, "-E", "-P", "-C"], cwd=directory, capture_output=True)
    if done.returncode != 0:
        return None
    return hashlib.sha256(rules + "\0".join(words).encode() + done.stdout).hexdigest()


def main():
    folder, sources = sys.argv[1], sys.argv[2:]
    known = os.path.join(folder, "tidy-clean")
    os.makedirs(known, exist_ok=True)
    rules = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    with open(".clang-tidy", "rb") as file:
        rules += file.read()
    compiled = commands(folder)

    def check(source):
        words, directory = compiled[os.path.realpath(source)]
        found = fingerprint(words, directory, rules)
        mark = found and os.path.join(known, found)
        if mark and os.path.exists(mark):
            return source, True, ""
        done = subprocess.run(
            [TIDY, "--quiet", "-p", folder, "--warnings-as-errors=*", source], capture_output=True, text=True
        )
        if done.returncode == 0 and mark:
            open(mark, "w").close()
        return source, done.returncode == 0, done.stdout + (done.stderr if done.returncode else "")

    clean = True
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for source, passed, told in pool.map(check, sources):
            if not passed:
                clean = False
                print(f"{source}\n{told}", flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
