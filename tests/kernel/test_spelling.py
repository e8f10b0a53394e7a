"""Spelling: the nearest of several names, or no suggestion at all."""

from hooks.kernel.spelling import nearest


def test_the_nearest_name_is_suggested_whatever_its_case():
    assert nearest("NODEPORT", ["ClusterIP", "NodePort"]) == "did you mean NodePort?"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("banana", ["ClusterIP", "NodePort"]) == ""


def test_names_that_resemble_each_other_need_a_nearer_one():
    known = ["NIM_HOOKS_BIND", "NIM_HOOKS_WORKERS"]
    assert nearest("NIM_HOOKS_COLOUR", known)
    assert nearest("NIM_HOOKS_COLOUR", known, cutoff=0.75) == ""
