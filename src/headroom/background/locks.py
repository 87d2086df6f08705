"""A lock on an open file, which the system takes back when its process ends, even by a crash."""

import sys

if sys.platform == "win32":
    import msvcrt

    def hold(handle: int) -> bool:
        """Whether the lock could be had, at once."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def hold(handle: int) -> bool:
        """Whether the lock could be had, at once."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
