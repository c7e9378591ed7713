use super::tools::{run, said};
use crate::house::root;

#[test]
fn prometheus_takes_the_alerts_and_each_fires_in_a_bad_hour_and_not_in_a_good_one() {
    let Some(checked) = run("promtool", &["check", "rules", "alerts.yaml"]) else {
        return;
    };
    let rules = std::fs::read_to_string(root().join("helm/quartermaster/alerts.yaml")).unwrap();
    let count = rules.matches("- alert: ").count() + rules.matches("- record: ").count();
    assert!(said(&checked).contains(&format!("{count} rules found")));
    said(&run("promtool", &["test", "rules", "alerts.test.yaml"]).unwrap());
}

#[test]
fn every_alert_has_its_place_in_the_runbook() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (rules, runbook) = (read("helm/quartermaster/alerts.yaml"), read("docs/operations.md"));
    let names = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let mut found = 0;
    for name in names {
        assert!(runbook.contains(&format!("\n### {name}\n")), "{name} is not explained");
        let link = format!("docs/operations.md#{}", name.to_lowercase());
        assert!(rules.contains(&link), "{name} does not lead to {link}");
        found += 1;
    }
    assert!(found > 5);
}
