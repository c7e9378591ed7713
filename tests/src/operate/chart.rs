//! The chart, rendered by Helm and held against the schemas of Kubernetes; what it sets, against what the server knows.

use super::tools::{run, said};
use crate::house::root;
use crate::world::World;
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const SCRIPT: &str = "../../scripts/deployment/chart.py";
/// The values of each deployment that we describe.
const DEPLOYMENTS: [&[&str]; 4] = [
    &[],
    &["values-development.yaml"],
    &["values-production.yaml"],
    &["values-production.yaml", "values-citus.yaml"],
];
/// What the chart sets itself, or takes from a Secret.
const ITS_OWN: [&str; 10] = [
    "drain_seconds",
    "listen",
    "worker_listen",
    "development_issuer_folder",
    "database_app_url",
    "database_owner_url",
    "database_relay_url",
    "data_key",
    "data_key_file",
    "registered_documents",
];
/// What a container is told openly.
const OPEN: [&str; 2] = ["QUARTERMASTER_ENVIRONMENT", "QUARTERMASTER_DATABASE_PLAIN"];
/// What no deployment sets: time is evidence.
const NEVER: &str = "clock_offset_seconds";

/// The objects of a deployment; `None` where Helm cannot be had.
pub fn rendered(values: &[&str]) -> Option<Vec<Value>> {
    let output = run("python", &[&[SCRIPT, "render", "."][..], values].concat())?;
    Some(serde_json::from_str(&said(&output)).unwrap())
}

fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

/// The pods' descriptions, with the labels that they will have.
fn pods(objects: &[Value]) -> Vec<&Value> {
    let makers = objects
        .iter()
        .filter(|o| o["kind"] == "Deployment" || o["kind"] == "Job");
    makers.map(|o| &o["spec"]["template"]).collect()
}

fn containers(objects: &[Value]) -> Vec<&Value> {
    let inside = |pod: &'_ Value| pod["spec"]["containers"].as_array().unwrap().len();
    let all = pods(objects);
    assert!(all.iter().all(|pod| inside(pod) == 1));
    all.into_iter().map(|pod| &pod["spec"]["containers"][0]).collect()
}

/// Every setting of the server.
fn settings() -> BTreeSet<String> {
    let all = serde_json::to_value(Config::default()).unwrap();
    all.as_object().unwrap().keys().cloned().collect()
}

fn matches(selector: &Value, labels: &Value) -> bool {
    selector.as_object().unwrap().iter().all(|(k, v)| labels[k] == *v)
}

#[test]
fn helm_renders_each_deployment_and_kubernetes_knows_all_that_comes_out() {
    let Some(lint) = run("python", &[SCRIPT, "lint", "."]) else {
        return;
    };
    said(&lint);
    let kinds = |values: &[&str]| -> BTreeSet<String> {
        let objects = rendered(values).unwrap();
        objects.iter().map(|o| o["kind"].as_str().unwrap().to_owned()).collect()
    };
    for values in DEPLOYMENTS {
        let kinds = kinds(values);
        for kind in ["ConfigMap", "Deployment", "Job", "Service"] {
            assert!(kinds.contains(kind), "{values:?} has no {kind}");
        }
        assert!(!kinds.contains("Secret"), "secrets are referred to, not made");
    }
    let production = kinds(&["values-production.yaml"]);
    for kind in [
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PrometheusRule",
        "ServiceMonitor",
    ] {
        assert!(production.contains(kind), "{kind}");
    }
}

#[test]
fn the_server_reads_the_configuration_that_the_chart_writes() {
    for values in DEPLOYMENTS {
        let Some(objects) = rendered(values) else { return };
        let text = of_kind(&objects, "ConfigMap").find_map(|map| map["data"]["quartermaster.toml"].as_str());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text.expect("a configuration")).unwrap();
        let mut config = Config::load(Some(file.path())).unwrap_or_else(|e| panic!("{values:?}: {e}"));
        assert_eq!(config.listen.port(), 8080);
        assert_eq!(config.worker_listen.map(|at| at.port()), Some(8081));
        // Drained and in peace, before Kubernetes loses patience.
        let serve =
            of_kind(&objects, "Deployment").find(|d| d["metadata"]["name"].as_str().unwrap().ends_with("-serve"));
        let grace = &serve.expect("a server")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"];
        assert!(config.drain_seconds() + config.shutdown_seconds < grace.as_u64().unwrap());
        config.database_app_url = "postgres://db/qm?sslmode=require".to_owned();
        config.check().unwrap_or_else(|e| panic!("{values:?}: {e}"));
        let known: BTreeSet<String> = settings()
            .iter()
            .map(|name| match name.as_str() {
                name if name.starts_with("database_") && name.ends_with("_url") => name.to_uppercase(),
                name => format!("QUARTERMASTER_{}", name.to_uppercase()),
            })
            .collect();
        for container in containers(&objects) {
            for variable in container["env"].as_array().unwrap() {
                let name = variable["name"].as_str().unwrap();
                assert!(known.contains(name), "{name} is no setting");
                assert!(
                    variable["valueFrom"]["secretKeyRef"]["name"].is_string() || OPEN.contains(&name),
                    "{name} is not in a Secret"
                );
            }
        }
    }
}

#[test]
fn the_values_offer_every_setting_of_the_server_and_no_other() {
    let schema = std::fs::read_to_string(root().join("helm/quartermaster/values.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let offered = schema["properties"]["config"]["properties"].as_object().unwrap();
    let mut all: BTreeSet<String> = offered.keys().cloned().collect();
    all.extend(ITS_OWN.iter().chain([&NEVER]).map(|name| (*name).to_owned()));
    assert_eq!(all, settings(), "values.schema.json and api/src/config.rs differ");
}

#[test]
fn values_that_nobody_knows_or_of_the_wrong_type_are_refused_by_name() {
    let wrong = [
        ("replica: 3", "replica"),
        ("serve: { replicas: many }", "/serve/replicas"),
        ("config: { environment: staging }", "/config/environment"),
        (
            "config: { environment: production, database_conections: 5 }",
            "database_conections",
        ),
        ("config: { environment: production, listen: '0.0.0.0:80' }", "listen"),
        ("secrets: { app: { name: x, key: y, value: hunter2 } }", "value"),
        ("image: { digest: latest }", "/image/digest"),
        ("ingress: { hosts: ['shop.example'] }", "/ingress/hosts/0"),
        ("networkPolicy: { databasePort: 70000 }", "/networkPolicy/databasePort"),
    ];
    for (text, named) in wrong {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let Some(output) = run("python", &[SCRIPT, "render", ".", file.path().to_str().unwrap()]) else {
            return;
        };
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && told.contains("HelmValuesError"),
            "{text}: {told}"
        );
        assert!(told.contains(named), "{text}: {told}");
    }
}

#[test]
fn no_container_is_root_writes_to_its_image_or_knows_more_secrets_than_it_needs() {
    for values in DEPLOYMENTS {
        let Some(objects) = rendered(values) else { return };
        for pod in pods(&objects) {
            let spec = &pod["spec"];
            assert_eq!(spec["automountServiceAccountToken"], false);
            assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
            assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
            let container = &spec["containers"][0];
            let security = &container["securityContext"];
            assert_eq!(security["readOnlyRootFilesystem"], true);
            assert_eq!(security["allowPrivilegeEscalation"], false);
            assert_eq!(security["capabilities"]["drop"], json!(["ALL"]));
            assert!(container["resources"]["limits"]["memory"].is_string());
            let secrets: Vec<_> = container["env"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| &v["name"])
                .collect();
            let owner = secrets.contains(&&json!("DATABASE_OWNER_URL"));
            assert_eq!(
                owner,
                container["name"] == "migrate",
                "only the migration is the schema's owner: {secrets:?}"
            );
            let writable = |v: &&Value| v["emptyDir"].is_object();
            let writes = spec["volumes"]
                .as_array()
                .is_some_and(|all| all.iter().any(|v| writable(&v)));
            assert_eq!(
                writes,
                values == ["values-development.yaml"] && container["name"] == "serve"
            );
        }
    }
}

#[tokio::test]
async fn what_is_probed_selected_and_let_in_is_there() {
    let Some(objects) = rendered(&["values-production.yaml"]) else {
        return;
    };
    let world = World::start().await;
    let base = format!("http://{}", world.server.addr);
    for deployment in of_kind(&objects, "Deployment") {
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            let path = container[probe]["httpGet"]["path"].as_str().expect(probe);
            let answer = world.http.get(format!("{base}{path}")).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 200, "{path}");
            assert_eq!(container[probe]["httpGet"]["port"], container["ports"][0]["name"]);
        }
        assert!(matches(
            &deployment["spec"]["selector"]["matchLabels"],
            &deployment["spec"]["template"]["metadata"]["labels"]
        ));
    }
    let pods = pods(&objects);
    let selects_one = |selector: &Value| {
        pods.iter()
            .filter(|pod| matches(selector, &pod["metadata"]["labels"]))
            .count()
            == 1
    };
    for kind in ["NetworkPolicy", "PodDisruptionBudget", "Service"] {
        for object in of_kind(&objects, kind) {
            let spec = &object["spec"];
            let found = [
                &spec["podSelector"]["matchLabels"],
                &spec["selector"]["matchLabels"],
                &spec["selector"],
            ];
            let selector = found.into_iter().find(|s| s.is_object()).unwrap();
            assert!(selects_one(selector), "{object:#}");
        }
    }
    let services: Vec<_> = of_kind(&objects, "Service").collect();
    let monitor = of_kind(&objects, "ServiceMonitor").next().unwrap();
    for service in &services {
        assert!(matches(
            &monitor["spec"]["selector"]["matchLabels"],
            &service["metadata"]["labels"]
        ));
        assert_eq!(
            monitor["spec"]["endpoints"][0]["port"],
            service["spec"]["ports"][0]["name"]
        );
    }
    let path = monitor["spec"]["endpoints"][0]["path"].as_str().unwrap();
    assert_eq!(
        world
            .http
            .get(format!("{base}{path}"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        200
    );
    let rules = of_kind(&objects, "PrometheusRule").next().unwrap();
    assert!(rules["spec"]["groups"][0]["rules"].as_array().unwrap().len() > 5);
    let scaled = of_kind(&objects, "HorizontalPodAutoscaler").next().unwrap();
    let target =
        of_kind(&objects, "Deployment").find(|d| d["metadata"]["name"] == scaled["spec"]["scaleTargetRef"]["name"]);
    assert!(
        target.expect("what is scaled")["spec"]["replicas"].is_null(),
        "two would set the number of replicas"
    );
    for rule in of_kind(&objects, "Ingress").flat_map(|i| i["spec"]["rules"].as_array().unwrap()) {
        for path in rule["http"]["paths"].as_array().unwrap() {
            assert!(
                ["/graphql", "/v1"].contains(&path["path"].as_str().unwrap()),
                "{path:#} is not for the outside"
            );
            let name = &path["backend"]["service"]["name"];
            assert!(services.iter().any(|s| s["metadata"]["name"] == *name));
        }
    }
}

#[test]
fn the_data_key_is_a_file_that_changes_under_the_server_and_the_databases_authority_is_mounted_where_urls_say() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "databaseAuthority: { configMap: database-ca, key: root.pem }",
    )
    .unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let Some(objects) = rendered(&["values-production.yaml", &path]) else {
        return;
    };
    let mut told = 0;
    for pod in pods(&objects) {
        let spec = &pod["spec"];
        let mounts = spec["containers"][0]["volumeMounts"].as_array().unwrap();
        let at = |place: &str| {
            let mount = mounts.iter().find(|m| m["mountPath"] == place)?;
            let volumes = spec["volumes"].as_array().unwrap();
            volumes.iter().find(|v| v["name"] == mount["name"])
        };
        let authority = at("/etc/quartermaster-database").expect("the authority");
        assert_eq!(authority["configMap"]["name"], "database-ca");
        assert_eq!(
            authority["configMap"]["items"],
            json!([{ "key": "root.pem", "path": "ca.crt" }])
        );
        let keys = at("/etc/quartermaster-keys");
        assert_eq!(
            keys.is_some(),
            spec["containers"][0]["name"] == "serve",
            "only the server seals"
        );
        told += usize::from(
            keys.is_some_and(|k| k["secret"]["items"] == json!([{ "key": "data-key", "path": "data-key" }])),
        );
    }
    assert_eq!(told, 1);
    let config = of_kind(&objects, "ConfigMap").find_map(|map| map["data"]["quartermaster.toml"].as_str());
    assert!(
        config
            .unwrap()
            .contains("data_key_file = \"/etc/quartermaster-keys/data-key\"")
    );
}
