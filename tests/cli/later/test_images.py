"""Images: one line names all that one edit has to mend."""

import pytest

from hooks.cli.later import images

PINNED = "oci://nvcr.io/nim/llama:1@sha256:abc"


@pytest.mark.parametrize(
    ("repository", "told"),
    [
        ("oci://nvcr.io/nim/llama", "has the scheme oci://; write nvcr.io/nim/llama"),
        (
            "oci://nvcr.io/nim/llama:1",
            (
                'has the scheme oci:// and has the tag "1"; '
                'write nvcr.io/nim/llama, and "1" as image.tag'
            ),
        ),
        (
            PINNED,
            "has the scheme oci:// and has a digest; write nvcr.io/nim/llama and a image.tag",
        ),
        ("oci://", "has the scheme oci://; write the name alone"),
    ],
)
def test_a_scheme_is_told_with_what_else_is_wrong(repository, told):
    (problem,) = images.of_parts({"repository": repository}, "image")
    assert (problem.path, problem.text) == ("image.repository", told)


def test_the_same_of_an_image_in_one_text():
    (problem,) = images.of_text(PINNED, "modelPuller")
    assert problem.text.startswith('has the scheme oci:// and "sha256:abc" is no digest')


@pytest.mark.parametrize("many", [2, 5000])
def test_many_schemes_are_told_as_one(many):
    told = f"has the scheme {'a://' * many}; write x"
    (of_parts,) = images.of_parts({"repository": "a://" * many + "x"}, "image")
    (of_text,) = images.of_text("a://" * many + "x", "modelPuller")
    assert of_parts.text == of_text.text == told
