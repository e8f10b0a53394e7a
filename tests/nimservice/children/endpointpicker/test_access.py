"""Access: the rights of the endpoint picker."""

from hooks.nimservice.children.endpointpicker import access
from tests.nimservice.children.endpointpicker.picked import picked


def test_its_rights_name_what_it_reads():
    rules = picked()["Role"]["rules"]
    assert rules == list(access.RULES)
    assert not any("*" in value for rule in rules for values in rule.values() for value in values)


def test_leases_are_its_own_only_where_it_elects_a_leader():
    rules = picked(container={"args": ["--ha-enable-leader-election"]})["Role"]["rules"]
    assert [rule["resources"] for rule in rules[len(access.RULES) :]] == [["leases"], ["events"]]
