"""Words: how differences are named."""

from hooks.migration import words


def test_differences_are_named_by_what_they_are_in():
    before = {
        "spec": {"containers": [{"name": "a", "image": "x"}], "labels": {"b": "c"}, "args": [1]}
    }
    after = {"spec": {"containers": [{"name": "a", "image": "y"}, {"name": "d"}], "args": [2]}}
    assert list(words.differences(before, after)) == [
        "container a image changed",
        "label b removed",
        "args changed",
        "container d added",
    ]
