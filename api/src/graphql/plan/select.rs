//! What is selected, worked out once for all objects of a list, with fragments written out.

use async_graphql::parser::types::{Field, Selection as Item, SelectionSet};
use async_graphql::{ContextSelectionSet, InputType, Positioned};
use std::any::{Any, TypeId};

/// The fields that are selected of an object; empty for a leaf.
pub struct Selection {
    /// In the order of the answer.
    pub fields: Vec<Chosen>,
    /// The type of the keys by which it is loaded, where that is another node.
    pub key: Option<TypeId>,
    /// A brief reading (`plan!`) brings all that is selected of this object, or of those of this list.
    pub is_brief: bool,
}

impl Selection {
    /// Of a leaf.
    #[must_use]
    pub fn leaf() -> Self {
        Self {
            fields: Vec::new(),
            key: None,
            is_brief: true,
        }
    }

    /// Of an object of which a brief reading brings the first `count` fields, whatever these lead to.
    #[must_use]
    pub fn brief_in(self, count: u16) -> Self {
        let is_brief = self.fields.iter().all(|f| f.field < count || f.field == TYPENAME);
        Self { is_brief, ..self }
    }

    /// Is anything selected, here or below, of a node that is loaded by such a key?
    #[must_use]
    pub fn reaches<K: 'static>(&self) -> bool {
        self.key == Some(TypeId::of::<K>()) || self.fields.iter().any(|f| f.selection.reaches::<K>())
    }

    /// Does a brief reading bring all that is selected, here or below, of nodes that are loaded by such keys?
    #[must_use]
    pub fn reads_briefly<K: 'static>(&self) -> bool {
        (self.is_brief || self.key != Some(TypeId::of::<K>()))
            && self.fields.iter().all(|f| f.selection.reads_briefly::<K>())
    }

    /// Is everything that is selected here and below of this object itself, or of nodes by keys of these types?
    #[must_use]
    pub fn stays_within(&self, keys: &[TypeId]) -> bool {
        self.key.is_none_or(|k| keys.contains(&k)) && self.fields.iter().all(|f| f.selection.stays_within(keys))
    }

    /// The field that was given such arguments, if it is selected once.
    #[must_use]
    pub fn argued<A: 'static>(&self) -> Option<(&A, &Selection)> {
        let mut all = self.fields.iter().filter_map(|f| Some((f.arguments()?, &f.selection)));
        let only = all.next()?;
        all.next().is_none().then_some(only)
    }
}

/// A selected field.
pub struct Chosen {
    /// `"key":`, as it is written.
    pub key: Box<str>,
    /// Which of the type's fields.
    pub field: u16,
    /// What is selected of what it leads to.
    pub selection: Selection,
    /// Its arguments, as the type reads them.
    pub arguments: Option<Box<dyn Any + Send + Sync>>,
}

/// The number of `__typename` among the fields of each type.
pub const TYPENAME: u16 = u16::MAX;

/// Reads selections of the operation that is executed.
pub struct Planner<'c, 'a>(&'c ContextSelectionSet<'a>);

/// A field as it was asked for.
pub struct Asked<'a> {
    field: &'a Positioned<Field>,
    /// What is selected of it.
    pub set: &'a Positioned<SelectionSet>,
}

impl Asked<'_> {
    /// Its name in the schema.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.node.name.node.as_str()
    }

    /// Has it none? Planned fields have none, unless the type reads them itself.
    #[must_use]
    pub fn bare(&self) -> bool {
        self.field.node.arguments.is_empty()
    }
}

impl<'c, 'a> Planner<'c, 'a> {
    /// For the selections below this one.
    #[must_use]
    pub fn new(ctx: &'c ContextSelectionSet<'a>) -> Self {
        Self(ctx)
    }

    /// An argument of a field; `None` when it cannot be read, which the general executor then says.
    pub fn argument<T: InputType>(&self, asked: &Asked<'a>, name: &str) -> Option<T> {
        let ctx = self.0.with_field(asked.field);
        ctx.param_value(name, None).ok().map(|(_, value)| value)
    }

    /// The selection of an object of the type `name`; `choose` says which field it is and what is selected of it.
    pub fn object(
        &self,
        name: &str,
        set: &'a Positioned<SelectionSet>,
        mut choose: impl FnMut(&Asked<'a>) -> Option<(u16, Selection, Option<Box<dyn Any + Send + Sync>>)>,
    ) -> Option<Selection> {
        let mut asked: Vec<Asked<'a>> = Vec::new();
        self.collect(name, set, &mut asked)?;
        let mut fields = Vec::with_capacity(asked.len());
        for one in &asked {
            let (field, selection, arguments) = match one.name() {
                "__typename" => (TYPENAME, Selection::leaf(), None),
                _ => choose(one)?,
            };
            fields.push(Chosen {
                key: format!("\"{}\":", one.field.node.response_key().node).into(),
                field,
                selection,
                arguments,
            });
        }
        let is_brief = fields.iter().all(|f| f.selection.is_brief);
        Some(Selection {
            fields,
            key: None,
            is_brief,
        })
    }

    fn collect(&self, name: &str, set: &'a Positioned<SelectionSet>, into: &mut Vec<Asked<'a>>) -> Option<()> {
        for item in &set.node.items {
            let (on, inner) = match &item.node {
                Item::Field(field) => {
                    // No key is there twice: only such operations are executed by plan (`Operation::plannable`).
                    into.push(Asked {
                        field,
                        set: &field.node.selection_set,
                    });
                    continue;
                }
                Item::FragmentSpread(spread) => {
                    let fragment = self.0.query_env.fragments.get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
                Item::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
            };
            // On an interface, a fragment is for the general executor to judge.
            if on.is_some_and(|on| on.node.on.node != name) {
                return None;
            }
            self.collect(name, inner, into)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Chosen, Selection};
    use std::any::TypeId;

    struct One;
    struct Other;

    /// An object with these fields, of which the first two are brief.
    fn object(fields: Vec<(u16, Selection)>) -> Selection {
        let chosen = |(field, selection)| Chosen {
            key: "".into(),
            field,
            selection,
            arguments: None,
        };
        let fields = fields.into_iter().map(chosen).collect();
        Selection {
            fields,
            ..Selection::leaf()
        }
        .brief_in(2)
    }

    fn node<K: 'static>(fields: Vec<(u16, Selection)>) -> Selection {
        Selection {
            key: Some(TypeId::of::<K>()),
            ..object(fields)
        }
    }

    #[test]
    fn nodes_are_read_briefly_where_every_place_of_the_plan_shows_no_more_of_them() {
        let brief = || node::<One>(vec![(0, Selection::leaf()), (super::TYPENAME, Selection::leaf())]);
        let whole = || node::<One>(vec![(2, Selection::leaf())]);
        assert!(object(vec![(0, brief()), (5, brief())]).reads_briefly::<One>());
        assert!(!object(vec![(0, brief()), (1, whole())]).reads_briefly::<One>());
        let below = object(vec![(0, brief()), (1, node::<Other>(vec![(1, whole())]))]);
        assert!(
            !below.reads_briefly::<One>(),
            "one that is found on the way would be shown as a whole"
        );
        assert!(below.reads_briefly::<Other>(), "what it leads to is read for itself");
    }
}
