"""`python -m benchmarks`: lists the benchmarks; `make bench` runs the quick ones."""

import runpy
import sys

QUICK = ("decode",)


def main() -> None:
    """Runs the benchmarks named, or the quick ones."""
    for name in sys.argv[1:] or QUICK:
        print(f"\n## {name}\n")
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")


if __name__ == "__main__":
    main()
