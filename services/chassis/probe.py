"""`python -m services.chassis.probe URL`: exits 0 when a health page answers 200 within five seconds, else 1.

For container health checks: our image has no curl.
"""

import sys
import urllib.error
import urllib.request

SECONDS = 5


def main(arguments: list[str]) -> int:
    """What is wrong goes to stderr, where `docker inspect` shows it."""
    if len(arguments) != 1 or not arguments[0].startswith("http://"):
        sys.stderr.write("usage: python -m services.chassis.probe http://HOST:PORT/PATH\n")
        return 2
    try:
        with urllib.request.urlopen(arguments[0], timeout=SECONDS):  # noqa: S310  http only, see above
            return 0
    except urllib.error.HTTPError as error:
        with error:
            sys.stderr.write(f"{error.code} {error.read(4_000).decode('utf-8', 'replace')}\n")
    except OSError as error:
        sys.stderr.write(f"{error}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
