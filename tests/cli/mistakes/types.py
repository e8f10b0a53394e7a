"""Types: numbers and other words that YAML does not read as text."""

from tests.cli.manifest import image
from tests.cli.mistakes.words import QUOTE

IN_A_SPEC = [
    (image(tag="1.10"), f'image.tag: must be text, is the number 1.10; {QUOTE}, "1.10"'),
    (image(tag="1.8"), f'image.tag: must be text, is the number 1.8; {QUOTE}, "1.8"'),
    (image(tag="0123"), f'image.tag: must be text, is the number 0123; {QUOTE}, "0123"'),
    (image(tag="1e3"), f'image.tag: must be text, is the number 1e3; {QUOTE}, "1e3"'),
    (image(tag="2024_08"), f'image.tag: must be text, is the number 2024_08; {QUOTE}, "2024_08"'),
    (image(tag="2"), f'image.tag: must be text, is the number 2; {QUOTE}, "2"'),
    (image(tag="yes"), f'image.tag: must be text, is true; {QUOTE}, "yes"'),
    (image(tag=""), "image.tag: is required"),
    ("env:\n- {name: DEBUG, value: true}", f'env[0].value: must be text, is true; {QUOTE}, "true"'),
    ("env:\n- {name: N, value: 8}", f'env[0].value: must be text, is the number 8; {QUOTE}, "8"'),
    ("nodeSelector: {gpu: true}", f'nodeSelector[gpu]: must be text, is true; {QUOTE}, "true"'),
    ("labels: {v: 1.10}", f'labels[v]: must be text, is the number 1.10; {QUOTE}, "1.10"'),
    ('replicas: "2"', 'replicas: must be a whole number, is "2"; remove the quotes'),
    ("replicas: two", 'replicas: must be a whole number, is "two"'),
    ("replicas: 1.5", "replicas: must be a whole number, is the number 1.5"),
    ("replicas: -1", "replicas: must be 0 or more, is -1"),
]
