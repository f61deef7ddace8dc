"""All tests of the Python host, with the wasmtime of this interpreter: test.py [PATTERN]. Ends with those that were skipped and their number."""

import pathlib
import sys
import unittest


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else "test_*.py"
    folder = str(pathlib.Path(__file__).resolve().parent)
    tests = unittest.defaultTestLoader.discover(folder, pattern)
    result = unittest.TextTestRunner(verbosity=1).run(tests)
    failed = len(result.failures) + len(result.errors)
    for test, reason in result.skipped:
        print(f"skipped: {test.id()} ({reason})")
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
