"""`CANARY=no_fence python -m tests.support.canaries.ingest`: a broken ingest worker, for drills with real processes."""

import os
import sys

from services.ingest.__main__ import main
from tests.support.canaries.flock import BUILDS

if __name__ == "__main__":
    with BUILDS[os.environ["CANARY"]]():
        code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # as the sound worker ends: a client's hanging thread must not keep it alive
