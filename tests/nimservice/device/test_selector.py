"""CEL text: the conditions on a device, byte for byte those of the reference operator."""

import pytest

from hooks.nimservice.api.dra import Device
from hooks.nimservice.device import selector


def device(**fields):
    return Device.model_validate({"name": "gpu", **fields})


def attribute(value, op="Equal", key="model"):
    (_, expression) = selector.expressions(
        device(attributeSelectors=[{"key": key, "op": op, "value": value}])
    )
    return expression


def capacity(value, op="Equal", key="memory"):
    (_, expression) = selector.expressions(
        device(capacitySelectors=[{"key": key, "op": op, "value": value}])
    )
    return expression


ORDERED = [
    ("Equal", "=="),
    ("NotEqual", "!="),
    ("GreaterThan", ">"),
    ("GreaterThanOrEqual", ">="),
    ("LessThan", "<"),
    ("LessThanOrEqual", "<="),
]
EQUALITY, ORDER = ORDERED[:2], ORDERED[2:]
LEFT = 'device.attributes["gpu.nvidia.com"].model'


def test_the_driver_comes_first():
    assert selector.expressions(device()) == ['device.driver == "gpu.nvidia.com"']
    assert selector.expressions(device(driverName="dra.example.com")) == [
        'device.driver == "dra.example.com"'
    ]


def test_expressions_of_the_user_stand_as_they_are():
    """Q6, I-3: in the reference a colon, a hash or a leading exclamation mark breaks the YAML
    around them."""
    given = [
        "device.attributes['x'].a == 'b' ? true : false",
        "!has(device.attributes['x'].b) # none",
        "{'a': true}['a']",
    ]
    assert selector.expressions(device(celExpressions=given)) == [
        'device.driver == "gpu.nvidia.com"',
        *given,
    ]


def test_attributes_come_before_capacities_each_in_the_order_of_the_user():
    asked = device(
        capacitySelectors=[{"key": "memory", "op": "GreaterThanOrEqual", "value": "40Gi"}],
        attributeSelectors=[
            {"key": "architecture", "value": {"stringValue": "Ampere"}},
            {"key": "mig", "value": {"boolValue": False}},
        ],
    )
    assert selector.expressions(asked) == [
        'device.driver == "gpu.nvidia.com"',
        'device.attributes["gpu.nvidia.com"].architecture == "Ampere"',
        'device.attributes["gpu.nvidia.com"].mig == false',
        '(device.capacity["gpu.nvidia.com"].memory).compareTo(quantity("40Gi")) >= 0',
    ]


@pytest.mark.parametrize(("op", "sign"), EQUALITY)
def test_truth_values_and_texts_are_equal_or_not(op, sign):
    assert attribute({"boolValue": True}, op) == f"{LEFT} {sign} true"
    assert attribute({"stringValue": "A100"}, op) == f'{LEFT} {sign} "A100"'


@pytest.mark.parametrize(("op", "sign"), ORDERED)
def test_numbers_versions_and_capacities_have_an_order(op, sign):
    assert attribute({"intValue": 8}, op) == f"{LEFT} {sign} 8"
    assert (
        attribute({"versionValue": "9.0.0"}, op) == f'({LEFT}).compareTo(semver("9.0.0")) {sign} 0'
    )
    assert (
        capacity("40Gi", op)
        == f'(device.capacity["gpu.nvidia.com"].memory).compareTo(quantity("40Gi")) {sign} 0'
    )


@pytest.mark.parametrize("value", [{"boolValue": True}, {"stringValue": "A100"}])
@pytest.mark.parametrize("op", [op for op, _ in ORDER])
def test_an_order_of_truth_values_or_texts_is_refused(value, op):
    """I-24: the reference finds it when it reconciles, and retries for ever."""
    with pytest.raises(selector.Unusable) as caught:
        attribute(value, op)
    assert (caught.value.path, caught.value.remedy) == (
        "attributeSelectors[0].op",
        "use Equal or NotEqual",
    )


def test_a_selector_without_a_value_is_refused():
    """Q36, I-6: the reference panics, in its webhook and in its controller."""
    with pytest.raises(selector.Unusable, match=r"^attributeSelectors\[0]\.value: is empty"):
        attribute({})


@pytest.mark.parametrize(
    ("given", "text"),
    [("1.5", "1500m"), ("100Mi", "100Mi"), ("1024Mi", "1Gi"), (80, "80"), ("1000", "1k")],
)
def test_capacities_are_canonical(given, text):
    assert f'quantity("{text}")' in capacity(given)


def test_a_capacity_that_is_no_quantity_is_refused():
    with pytest.raises(
        selector.Unusable, match=r"^capacitySelectors\[0]\.value: '40 gigs' is not a quantity"
    ):
        capacity("40 gigs")


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("model", 'device.attributes["gpu.nvidia.com"].model'),
        ("nic.example.com/speed", 'device.attributes["nic.example.com"].speed'),
        ("_x9", 'device.attributes["gpu.nvidia.com"]._x9'),
        ("inner", 'device.attributes["gpu.nvidia.com"].inner'),
    ],
)
def test_a_key_is_a_name_of_the_driver_or_of_a_domain(key, left):
    assert attribute({"intValue": 1}, key=key) == f"{left} == 1"


@pytest.mark.parametrize(
    "key",
    [
        "driver-version",
        "",
        "9x",
        "in",
        "true",
        "null",
        "a.b",
        "/model",
        "x y/model",
        "a/b/c",
        'x"]/model',
        "größe",
    ],
)
def test_a_key_that_is_no_identifier_is_refused(key):
    """I-24: in the reference it makes an expression that does not compile."""
    with pytest.raises(selector.Unusable, match=r"^attributeSelectors\[0]\.key: "):
        attribute({"intValue": 1}, key=key)
    with pytest.raises(selector.Unusable, match=r"^capacitySelectors\[0]\.key: "):
        capacity("1Gi", key=key)


@pytest.mark.parametrize(
    "version", ["1.2.3", "0.0.0", "550.127.8", "1.2.3-rc.1+build.5", "1.0.0-0A.x-y"]
)
def test_a_semantic_version_is_compared(version):
    assert f'semver("{version}")' in attribute({"versionValue": version})


@pytest.mark.parametrize(
    "version", ["550.127.08", "1.2", "v1.2.3", "1.2.3.4", "", "1.2.3-", "1.2.3\n", "\uff11.2.3"]
)
def test_another_version_is_refused(version):
    with pytest.raises(
        selector.Unusable,
        match=r"^attributeSelectors\[0]\.value\.versionValue: .* is not a semantic version",
    ):
        attribute({"versionValue": version})


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("A100 80GB", '"A100 80GB"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("a\tb\nc\x00\x7f", '"a\\tb\\nc\\x00\\x7f"'),
        ("\a\b\f\r\v", '"\\a\\b\\f\\r\\v"'),
        ("größe 漢字", '"größe 漢字"'),
        ("no\u00a0break\u200b\u0085", '"no\\u00a0break\\u200b\\u0085"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_texts_are_quoted_as_go_quotes_them(text, literal):
    assert selector.quoted(text) == literal
