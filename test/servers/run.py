"""Runs the tests beside this file, and ends with a line `N passed, N failed`."""

import pathlib
import signal
import sys
import unittest


class CountedResult(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main() -> int:
    # As an exception, so that the servers that were started are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    suite = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent))
    result = unittest.TextTestRunner(verbosity=2, resultclass=CountedResult).run(suite)
    # Of a test with several cases, each of which can fail, one failure is told for each.
    broken = {getattr(test, "test_case", test).id() for test, _ in [*result.failures, *result.errors]}
    print(f"{result.passed} passed, {len(broken)} failed", flush=True)
    return 0 if result.passed > 0 and not broken else 1


sys.exit(main())
