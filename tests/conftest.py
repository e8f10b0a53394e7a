"""Options of the tests."""


def pytest_addoption(parser):
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the answers of tests/cases anew, to be read as a diff",
    )
