"""How much freed memory the C library keeps.

Fetches and COPY come and go in blocks of up to a megabyte. glibc learns from the first that is freed to keep such blocks
on its heap, where whatever small thing was put behind them holds them for good: a worker would grow for hours.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""As in glibc's malloc.h; see https://man7.org/linux/man-pages/man3/mallopt.3.html."""
_BLOCK = 128 * 1024
"""What glibc itself starts with. Larger blocks are given back as soon as they are freed, once it is set."""


def give_blocks_back() -> bool:
    """Makes large blocks be given back to the system when they are freed, and all threads share one heap.

    Called before the first thread starts. False where the C library is another one: it has no such habit to break.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_MMAP_THRESHOLD, _BLOCK), (_TRIM_THRESHOLD, 2 * _BLOCK), (_ARENA_MAX, 1))
    return all(mallopt(name, value) == 1 for name, value in settings)
