//! Pages lead to each other.

use super::page::Page;
use crate::house::root;
use std::collections::HashSet;

/// Where the links of a text lead.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_of_a_page_leads_somewhere_and_the_index_to_every_page() {
    let pages = Page::all();
    let mut others: Vec<Page> = ["README.md", "examples/orders/README.md"].map(Page::read).into();
    others.extend(pages);
    for page in &others {
        let folder = root().join(&page.name);
        let folder = folder.parent().unwrap();
        for link in links(&page.text).filter(|link| !link.starts_with("http")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                root().join(&page.name)
            } else {
                folder.join(path)
            };
            assert!(target.exists(), "{}: {link} leads nowhere", page.name);
            if !fragment.is_empty() && target.is_file() {
                let text = std::fs::read_to_string(&target).unwrap();
                let found = text
                    .lines()
                    .filter_map(|l| l.strip_prefix('#'))
                    .any(|h| anchor(h.trim_start_matches('#')) == fragment);
                assert!(found, "{}: {link} names no heading", page.name);
            }
        }
    }
    let index = Page::read("docs/README.md");
    let named: HashSet<&str> = links(&index.text).collect();
    for page in Page::all() {
        let name = page.name.trim_start_matches("docs/");
        assert!(
            name == "README.md" || named.contains(name),
            "docs/README.md does not lead to {name}"
        );
    }
}
