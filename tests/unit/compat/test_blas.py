"""NumPy's threads."""

import numpy as np

from photoseek.compat.blas import one_thread, threads


def test_multiplications_are_in_one_thread_for_as_long_as_asked() -> None:
    before = threads()
    with one_thread():
        assert threads() in ((1,) if before else (0,))
        assert (np.eye(64) @ np.eye(64)).sum() == 64
    assert threads() == before
