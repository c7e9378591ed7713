"""Renders the chart with Helm itself and holds what comes out against the published schemas of Kubernetes.

    chart.py render CHART [VALUES.yaml …]   prints the objects as JSON; ends with 1 and sentences when something is wrong
    chart.py lint CHART                     what `helm lint --strict` says
    chart.py compose FILE                   prints the compose file as JSON, after the compose specification's parser read it
"""

import json
import sys
from pathlib import Path

import yaml

# The oldest that the chart says it serves (Chart.yaml), and the newest whose schemas we have.
KUBERNETES = ("1.30", "1.37")
# Kinds of the Prometheus operator have no schema there: promtool reads the rules, a test the monitor.
FOREIGN = "monitoring.coreos.com/"


def merged(under, over):
    """Values as Helm lays one file over another."""
    out = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if both else value
    return out


def render(chart, files):
    import helm_python
    import kubernetes_validate as schemas

    values = {}
    for file in files:
        values = merged(values, yaml.safe_load(Path(file).read_text()) or {})
    with helm_python.Chart.load(chart) as loaded:
        rendered = loaded.render(values, name="shop", namespace="purchasing", is_install=True)
    objects, wrong = [], []
    for name, text in sorted(rendered.items()):
        if not name.endswith(".yaml"):
            continue
        for found in filter(None, yaml.safe_load_all(text)):
            objects.append(found)
            if found["apiVersion"].startswith(FOREIGN):
                continue
            for version in KUBERNETES:
                try:
                    schemas.validate(found, version, strict=True)
                except (schemas.ValidationError, schemas.SchemaNotFoundError) as error:
                    at = "/".join(map(str, getattr(error, "path", [])))
                    wrong.append(f"{name}: {found['kind']} {at}: {error.message} (Kubernetes {version})")
    if wrong:
        sys.exit("\n".join(wrong))
    return objects


def lint(chart):
    import helm_python

    report = helm_python.lint(chart, strict=True)
    # An icon is recommended; we have none.
    said = [m for m in report["messages"] if m["severity"] > 1]
    if said or report["errors"]:
        sys.exit(json.dumps([said, report["errors"]], indent=1))
    return report


def compose(file):
    import compose_spec

    # The parser knows no merge keys (<<); YAML's own has resolved them.
    resolved = yaml.safe_load(Path(file).read_text())
    compose_spec.PyCompose.from_json(json.dumps(resolved))
    return resolved


def main():
    what, arguments = sys.argv[1], sys.argv[2:]
    try:
        if what == "render":
            out = render(arguments[0], arguments[1:])
        else:
            out = {"lint": lint, "compose": compose}[what](*arguments)
    except Exception as error:  # Helm's refusals of values come as exceptions: their text is what the tests read.
        sys.exit(f"{type(error).__name__}: {error}")
    json.dump(out, sys.stdout)


main()
