"""The alerts and the dashboard: promtool finds nothing wrong, and what they ask for exists."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from hooks.web import telemetry
from tests.metacontroller.promql import metrics

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "metacontroller" / "components" / "monitoring"
RULE = yaml.safe_load((COMPONENT / "prometheusrule.yaml").read_text())
ALERTS = [rule for group in RULE["spec"]["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((COMPONENT / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
OVERLAY = (
    "resources: [../metacontroller/base]\ncomponents: [../metacontroller/components/monitoring]"
)

# What Metacontroller 4.17 serves, of its own and of controller-runtime.
CONST = {"url", "controller_name", "controller_type"}
QUEUE = {"name", "controller"}
METACONTROLLER = {
    **{
        f"metacontroller_{hook}_requests_total": CONST | {"code", "method"}
        for hook in ("sync", "finalize", "customize")
    },
    **{
        f"metacontroller_{hook}_in_flight_requests": CONST
        for hook in ("sync", "finalize", "customize")
    },
    **{
        f"metacontroller_{hook}_request_duration_histogram_seconds_{part}": CONST
        | {"method", *(["le"] if part == "bucket" else [])}
        for hook in ("sync", "finalize", "customize")
        for part in ("bucket", "sum", "count")
    },
    "workqueue_depth": QUEUE | {"priority"},
    "workqueue_adds_total": QUEUE,
    "workqueue_retries_total": QUEUE,
    "workqueue_queue_duration_seconds_bucket": QUEUE | {"le"},
    "controller_runtime_reconcile_errors_total": {"controller"},
    "controller_runtime_reconcile_total": {"controller", "result"},
    "rest_client_requests_total": {"code", "method", "host"},
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
}
# What kubelets (volume statistics) and kube-state-metrics 2 serve of each object.
JOB_OF = {"namespace", "job_name"}
CLUSTER = {
    "kubelet_volume_stats_used_bytes": {"namespace", "persistentvolumeclaim"},
    "kube_pod_spec_volumes_persistentvolumeclaims_info": {
        *("namespace", "pod", "uid", "volume", "persistentvolumeclaim"),
    },
    "kube_pod_container_status_running": {"namespace", "pod", "uid", "container"},
    "kube_job_owner": JOB_OF | {"owner_kind", "owner_name", "owner_is_controller"},
    "kube_job_status_active": JOB_OF,
    "kube_job_failed": JOB_OF | {"condition"},
    "kube_job_complete": JOB_OF | {"condition"},
}
PROMETHEUS = {"up": set(), "ALERTS": {"alertname", "alertstate", "severity"}}
TARGET = {"job", "instance", "pod", "namespace"}
"""What Prometheus adds to each of them."""


def ours():
    """Return the time series of the hooks, each with its labels."""
    for metric in vars(telemetry).values():
        if hasattr(metric, "describe") and hasattr(metric, "_labelnames"):
            (family,) = metric.describe()
            labels = {*metric._labelnames}
            if family.type == "histogram":
                yield from ((f"{family.name}_{part}", labels) for part in ("sum", "count"))
                yield f"{family.name}_bucket", labels | {"le"}
            else:
                yield f"{family.name}{'_total' if family.type == 'counter' else ''}", labels


@pytest.fixture(scope="module")
def promtool(tmp_path_factory):
    """Return a function that runs promtool in a folder with the rules."""
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("PROMTOOL") == "required":
            pytest.fail("no promtool, and PROMTOOL=required")
        pytest.skip("no promtool: Prometheus brings one")
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(yaml.safe_dump(RULE["spec"]))

    def run(*arguments):
        done = subprocess.run(
            [program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run.folder = folder
    return run


def test_promtool_finds_nothing_wrong_with_the_rules(promtool):
    promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml")


def test_promtool_sees_each_alert_fire_and_be_silent_as_it_should(promtool):
    shutil.copyfile(Path(__file__).with_name("alerts.yaml"), promtool.folder / "alerts.yaml")
    promtool("test", "rules", "alerts.yaml")


def test_promtool_can_read_every_query_of_the_dashboard(promtool):
    filled = [
        query.replace("$__rate_interval", "5m").replace("$__range", "6h") for query in QUERIES
    ]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(filled)]
    (promtool.folder / "queries.yaml").write_text(
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
    )
    promtool("check", "rules", "queries.yaml")


def test_each_alert_has_a_situation_in_which_it_fires_and_one_in_which_it_is_silent():
    tests = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text())["tests"]
    cases = [
        (case["alertname"], bool(case["exp_alerts"]))
        for test in tests
        for case in test["alert_rule_test"]
    ]
    assert {*cases} == {(alert["alert"], fires) for alert in ALERTS for fires in (True, False)}


@pytest.mark.parametrize("expression", [alert["expr"] for alert in ALERTS] + QUERIES)
def test_every_metric_and_label_that_is_asked_for_exists(expression):
    known = {**dict(ours()), **METACONTROLLER, **CLUSTER, **PROMETHEUS}
    asked = metrics(expression)
    assert {*asked} <= {*known}
    assert asked
    # what a join groups by may be a label of either side
    joined = set().union(*(known[name] for name in asked)) if "on (" in expression else set()
    for name, labels in asked.items():
        assert labels <= known[name] | TARGET | joined | (
            {"hook"} if "label_replace" in expression else set()
        )


def test_a_label_of_a_legend_is_one_that_the_query_leaves():
    for panel in PANELS:
        for target in panel["targets"]:
            kept = {
                label
                for labels in re.findall(r"by \(([^)]*)\)", target["expr"])
                for label in labels.split(", ")
            } - {"le"}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= (kept or TARGET)


def test_expressions_are_read_as_they_are_meant():
    assert metrics('sum by (a, le) (rate(x_total{b="c{d}",e!~"f|g"}[5m])) > 0.5') == {
        "x_total": {"a", "le", "b", "e"}
    }
    assert metrics('x_sum / on (a) y_count or absent(z{q="1"})') == {
        "x_sum": {"a"},
        "y_count": {"a"},
        "z": {"a", "q"},
    }


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_has_a_severity_words_and_a_runbook_of_its_name(alert):
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description", "runbook_url"} == {*alert["annotations"]}
    base, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert base == RULE["metadata"]["annotations"]["nimservice-hooks/runbooks"]
    headings = re.findall(r"^## (.+)$", (ROOT / base).read_text(), re.MULTILINE)
    assert alert["alert"] in headings
    assert anchor == alert["alert"].lower()


def test_the_runbooks_are_of_alerts_that_exist():
    headings = re.findall(
        r"^## (NIM(?:Service|Cache).+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE
    )
    assert headings == [alert["alert"] for alert in ALERTS]


def test_an_overlay_can_say_where_the_runbooks_are(overlay):
    (block,) = re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs" / "runbooks.md").read_text(), re.DOTALL
    )
    rules = overlay(block).one("PrometheusRule")["spec"]["groups"]
    addresses = [rule["annotations"]["runbook_url"] for group in rules for rule in group["rules"]]
    assert addresses == [
        f"https://wiki.example.com/nimservice/runbooks#{alert['alert'].lower()}" for alert in ALERTS
    ]


def test_what_is_scraped_is_found_by_labels_ports_and_namespaces(overlay):
    build = overlay(
        OVERLAY.replace(
            "[../metacontroller/components/m",
            "[../metacontroller/components/metacontroller, ../metacontroller/components/m",
        )
    )
    services = {item["metadata"]["name"]: item for item in build if item["kind"] == "Service"}
    monitors = {
        item["metadata"]["name"]: item for item in build if item["kind"] == "ServiceMonitor"
    }
    assert (
        {*monitors} == {*services} == {"nimservice-hooks", "nimservice-metacontroller"}
    )  # the jobs of the alerts
    for name, monitor in monitors.items():
        service, namespaces = (
            services[name],
            monitor["spec"].get(
                "namespaceSelector", {"matchNames": [monitor["metadata"]["namespace"]]}
            ),
        )
        assert service["metadata"]["namespace"] in namespaces["matchNames"]
        assert (
            monitor["spec"]["selector"]["matchLabels"].items()
            <= service["metadata"]["labels"].items()
        )
        (endpoint,), (port,) = monitor["spec"]["endpoints"], service["spec"]["ports"]
        assert endpoint["port"] == port["name"]
    template = build.one("StatefulSet")["spec"]["template"]
    selector = services["nimservice-metacontroller"]["spec"]["selector"]
    assert selector.items() <= template["metadata"]["labels"].items()
    ports = [port["containerPort"] for port in template["spec"]["containers"][0]["ports"]]
    assert services["nimservice-metacontroller"]["spec"]["ports"][0]["targetPort"] in ports


def test_the_network_policy_lets_prometheus_in(overlay):
    assert "monitoring" in json.dumps(overlay(OVERLAY).one("NetworkPolicy")["spec"]["ingress"])


def test_grafana_finds_the_dashboard_by_its_label(overlay):
    (configuration,) = [
        item
        for item in overlay(OVERLAY)
        if item["metadata"]["name"] == "nimservice-hooks-dashboard"
    ]
    assert configuration["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(configuration["data"]["nimservice-hooks.json"]) == DASHBOARD
    kubernetes_validate.validate(configuration, "1.30", strict=True)


def test_panels_have_numbers_of_their_own_and_do_not_overlap():
    taken = [(x, y) for panel in DASHBOARD["panels"] for x, y in cells(panel["gridPos"])]
    assert len(taken) == len({*taken})
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert all(panel["description"] for panel in PANELS)


def cells(place):
    return [
        (x, y)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]


def test_every_time_series_of_the_hooks_is_on_the_dashboard():
    asked = {name for query in QUERIES for name in metrics(query)}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in ours()}
    assert families == {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for name in asked
        if name.startswith("nimservice_hooks_")
    }
