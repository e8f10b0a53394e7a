"""Every field of a NIMCache and of a NIMPipeline has an effect, and stands on its page once."""

import pytest

from hooks.kernel.crd import admission
from tests.fields import cachepage, caches, pipelinepage, pipelines
from tests.fields.caches import GROWS, NEXT, NOTHING, REFUSED

TABLES = {"NIMCache": (caches, cachepage), "NIMPipeline": (pipelines, pipelinepage)}
FIELDS = [(kind, path) for kind, (table, _) in TABLES.items() for path in table.ROWS]


@pytest.mark.parametrize("kind", TABLES)
def test_every_field_has_a_row_and_every_row_a_field(kind):
    table, _ = TABLES[kind]
    assert set(table.ROWS) == set(table.LEAVES)


@pytest.mark.parametrize(("kind", "path"), FIELDS)
def test_a_field_has_an_effect_where_what_it_is_tried_in_is_in_order(kind, path):
    table, _ = TABLES[kind]
    assert [table.refused(each) for each in table.pair(path)] == [[], []]
    assert table.effects(path)


@pytest.mark.parametrize("kind", TABLES)
def test_every_field_stands_on_its_page_once(kind):
    table, page = TABLES[kind]
    text = "".join(page.pages())
    names = [leaf.field.removeprefix("spec.") for leaf in table.LEAVES.values()]
    assert [name for name in names if text.count(f"\n| `{name}` |") != 1] == []


EDITS = {
    "env[]": NEXT,
    "source.ngc.model.gpus[].product": NEXT,
    "source.ngc.model.engine": REFUSED,
    "source.hf.revision": REFUSED,
    "storage.pvc.size": GROWS,
    "storage.pvc.annotations{}": NOTHING,
    "storage.hostPath": NOTHING,
}


@pytest.mark.parametrize("path", EDITS)
def test_what_an_edit_does(path):
    assert caches.edit(path) == EDITS[path]


@pytest.mark.parametrize("path", [path for path in caches.ROWS if caches.edit(path) == REFUSED])
def test_an_edit_that_is_refused_says_what_to_do_instead(path):
    before, after = caches.pair(path)
    assert any("another NIMCache" in each.message for each in admission.problems(after, before))
