//! A page and its fenced blocks.

use crate::house::{files, root};
use std::ops::Range;

/// A page, as it is checked in.
pub struct Page {
    /// From the root of the repository: `docs/paging.md`.
    pub name: String,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// What stands between two fences.
#[derive(Clone)]
pub struct Block {
    /// The line of the opening fence.
    pub line: usize,
    /// The first word of the fence.
    pub language: String,
    /// The others.
    pub words: Vec<String>,
    pub text: String,
    /// Where `text` lies in the page.
    pub at: Range<usize>,
}

impl Block {
    /// Is it of this language, with this word?
    pub fn is(&self, language: &str, word: &str) -> bool {
        self.language == language && self.words.iter().any(|w| w == word)
    }

    /// The value of a word `name=value`.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut words = self.words.iter().filter_map(|w| w.split_once('='));
        words.find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

impl Page {
    pub fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(root().join(name)).expect(name);
        let blocks =
            blocks(&text).unwrap_or_else(|line| panic!("{name}:{line}: a fence that is indented or not closed"));
        Self {
            name: name.to_owned(),
            text,
            blocks,
        }
    }

    /// Every page of `docs/`, in the order of its index.
    pub fn all() -> Vec<Self> {
        let index = Self::read("docs/README.md").text;
        let names = files("docs", &[".md"]);
        let names = names.iter().map(|p| p.strip_prefix(root()).unwrap().to_str().unwrap());
        let mut names: Vec<_> = names.collect();
        assert!(names.len() > 5, "{names:?}");
        names.sort_by_key(|name| index.find(&format!("]({})", name.trim_start_matches("docs/"))));
        names.into_iter().map(Self::read).collect()
    }
}

/// The blocks of a text; the line of a fence that is wrong.
fn blocks(text: &str) -> Result<Vec<Block>, usize> {
    let mut found = Vec::new();
    let (mut open, mut at): (Option<Block>, _) = (None, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (begins, ends) = (at, at + line.len());
        at = ends;
        let Some(fence) = line.trim_end().strip_prefix("```") else {
            if line.trim_start().starts_with("```") {
                return Err(number + 1);
            }
            continue;
        };
        match open.take() {
            Some(mut block) if fence.is_empty() => {
                block.at.end = begins;
                block.text = text[block.at.clone()].to_owned();
                found.push(block);
            }
            Some(_) => return Err(number + 1),
            None => {
                let mut words = fence.split_whitespace().map(str::to_owned);
                open = Some(Block {
                    line: number + 1,
                    language: words.next().unwrap_or_default(),
                    words: words.collect(),
                    text: String::new(),
                    at: ends..ends,
                });
            }
        }
    }
    open.map_or(Ok(found), |block| Err(block.line))
}

#[test]
fn a_block_knows_its_language_its_words_and_its_place() {
    let text = "# A\n\n```graphql as=buyer key\n{ a }\n```\nb\n```\nc\n```\n";
    let found = blocks(text).unwrap();
    assert_eq!((found[0].line, found[0].text.as_str()), (3, "{ a }\n"));
    assert_eq!(found[0].value("as"), Some("buyer"));
    assert!(found[0].is("graphql", "key") && !found[0].is("json", "key"));
    assert_eq!(&text[found[1].at.clone()], "c\n");
    assert!(matches!(blocks("```sh\na\n"), Err(1)) && matches!(blocks("a\n  ```sh\n  ```\n"), Err(2)));
}
