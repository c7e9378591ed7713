//! Objects: their fields by name.

use super::{Asked, Chosen, Have, Plain, Planner, Selection, Wants};
use async_graphql::Positioned;
use async_graphql::parser::types::SelectionSet;

/// A field of `T` with arguments.
pub trait Argued<T>: Send + Sync + Sized + 'static {
    /// Reads its arguments, and what is selected of it.
    fn plan<'a>(planner: &Planner<'_, 'a>, asked: &Asked<'a>) -> Option<(Self, Selection)>;

    /// Says what it needs to be written.
    fn want<'s>(&self, of: &T, selection: &'s Selection, wants: &mut Wants<'s>);

    /// Writes it as JSON.
    fn write(&self, of: &T, selection: &Selection, have: &Have, out: &mut Vec<u8>);
}

/// The number of the field with arguments among the fields of its type.
pub const ARGUED: u16 = u16::MAX - 1;

/// The selection of a field, by its type.
pub fn plan_of<'a, T, F: Plain>(
    _: impl Fn(&T) -> &F,
    planner: &Planner<'_, 'a>,
    set: &'a Positioned<SelectionSet>,
) -> Option<Selection> {
    F::plan(planner, set)
}

/// Writes an object of JSON; `value` writes what stands behind each key.
pub fn object(selection: &Selection, out: &mut Vec<u8>, mut value: impl FnMut(&Chosen, &mut Vec<u8>)) {
    out.push(b'{');
    for (i, chosen) in selection.fields.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(chosen.key.as_bytes());
        value(chosen, out);
    }
    out.push(b'}');
}

impl Chosen {
    /// The arguments that [`Argued::plan`] read.
    #[must_use]
    pub fn arguments<A: 'static>(&self) -> Option<&A> {
        self.arguments.as_ref()?.downcast_ref()
    }
}

/// Is this field of a struct the one that the schema calls `name`?
#[must_use]
pub fn is_called(field: &str, name: &str) -> bool {
    let mut name = name.bytes();
    let mut raise = false;
    for byte in field.bytes() {
        if byte == b'_' {
            raise = true;
            continue;
        }
        let wanted = if raise { byte.to_ascii_uppercase() } else { byte };
        if name.next() != Some(wanted) {
            return false;
        }
        raise = false;
    }
    name.next().is_none()
}

/// Lets a plan write an object: `plan!(Money { amount, currency_code })` names the fields that it may ask for; what is not named is
/// left to the general executor. A field that takes arguments is a type of its own, an [`Argued`](super::Argued) of the object:
/// `plan!(PurchaseOrder { id, number } with Lines as lines)`. Where rows are many and wide, `plan!(PurchaseOrderLine { id, item,
/// tax_rate } briefly 2)` says that a brief reading brings the first two fields: what selects no others may be read so.
#[macro_export]
macro_rules! plan {
    ($type:ty { $($field:ident),* $(,)? } $(with $argued:ident as $name:ident)? $(briefly $brief:literal)?) => {
        impl $crate::graphql::plan::Plain for $type {
            fn plan<'a>(
                planner: &$crate::graphql::plan::Planner<'_, 'a>,
                set: &'a async_graphql::Positioned<async_graphql::parser::types::SelectionSet>,
            ) -> Option<$crate::graphql::plan::Selection> {
                use $crate::graphql::plan::{is_called, plan_of};
                let selection = planner.object(&<$type as async_graphql::OutputType>::type_name(), set, |asked| {
                    $(
                        if is_called(stringify!($name), asked.name()) {
                            let (arguments, selection) = <$argued as $crate::graphql::plan::Argued<$type>>::plan(planner, asked)?;
                            return Some(($crate::graphql::plan::ARGUED, selection, Some(Box::new(arguments))));
                        }
                    )?
                    if !asked.bare() {
                        return None;
                    }
                    let mut number = 0u16;
                    $(
                        if is_called(stringify!($field), asked.name()) {
                            let selection = plan_of(|this: &$type| &this.$field, planner, asked.set)?;
                            return Some((number, selection, None));
                        }
                        number += 1;
                    )*
                    let _ = number;
                    None
                });
                $(let selection = selection.map(|s| s.brief_in($brief));)?
                selection
            }

            fn want<'s>(
                &self,
                selection: &'s $crate::graphql::plan::Selection,
                wants: &mut $crate::graphql::plan::Wants<'s>,
            ) {
                for chosen in &selection.fields {
                    let mut number = 0u16;
                    $(
                        if chosen.field == number {
                            $crate::graphql::plan::Plain::want(&self.$field, &chosen.selection, wants);
                            continue;
                        }
                        number += 1;
                    )*
                    let _ = number;
                    $(
                        if let Some(argued) = chosen.arguments::<$argued>() {
                            $crate::graphql::plan::Argued::<$type>::want(argued, self, &chosen.selection, wants);
                        }
                    )?
                }
            }

            fn write(
                &self,
                selection: &$crate::graphql::plan::Selection,
                have: &$crate::graphql::plan::Have,
                out: &mut Vec<u8>,
            ) {
                $crate::graphql::plan::object(selection, out, |chosen, out| {
                    let mut number = 0u16;
                    $(
                        if chosen.field == number {
                            return $crate::graphql::plan::Plain::write(&self.$field, &chosen.selection, have, out);
                        }
                        number += 1;
                    )*
                    let _ = number;
                    $(
                        if let Some(argued) = chosen.arguments::<$argued>() {
                            return $crate::graphql::plan::Argued::<$type>::write(argued, self, &chosen.selection, have, out);
                        }
                    )?
                    $crate::graphql::plan::text(&<$type as async_graphql::OutputType>::type_name(), out);
                });
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn names_of_structs_are_those_of_the_schema_in_camel_case() {
        assert!(is_called("id", "id"));
        assert!(is_called("currency_code", "currencyCode"));
        assert!(!is_called("currency_code", "currency_code"));
        assert!(!is_called("currency_code", "currencyCodes"));
        assert!(!is_called("currency_codes", "currencyCode"));
    }
}
