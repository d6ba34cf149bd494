"""Name the container images of these files by the digests that their tags have today: `images.py FILE ...`.

Asks the registry by `docker buildx imagetools`. An image that is not named by a digest yet is not touched.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

DIGEST = r"sha256:[0-9a-f]{64}"
IMAGE = re.compile(rf"(?P<tag>[\w./-]+:[\w.-]+)@(?P<digest>{DIGEST})")


@cache
def newest(tag: str) -> str:
    """The digest of the index, for whichever processor."""
    asking = ["docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", tag]
    answer = subprocess.run(asking, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    if re.fullmatch(DIGEST, answer) is None:
        sys.exit(f"{tag}: {answer!r} is no digest")
    return answer


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]]
    before = {path: path.read_text(encoding="utf-8") for path in paths}
    # All of them are known before the first is written.
    after = {path: IMAGE.sub(lambda found: f"{found['tag']}@{newest(found['tag'])}", before[path]) for path in paths}
    for path in paths:
        path.write_text(after[path], encoding="utf-8")
        for old, new in zip(IMAGE.finditer(before[path]), IMAGE.finditer(after[path]), strict=True):
            print(f"{path}: {old['tag']} {'stays' if old['digest'] == new['digest'] else new['digest']}")


if __name__ == "__main__":
    main()
