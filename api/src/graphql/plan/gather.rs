//! What planned objects refer to, loaded level by level: one load for each kind of key, whatever the number of objects.

use super::{Plain, Selection};
use crate::graphql::loaders::{Batch, LoadError, MOST};
use async_graphql::dataloader::Loader;
use foldhash::fast::RandomState;
use futures::future::{BoxFuture, try_join_all};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;

/// Loads everything that a value needs to be written and that is not there yet. `false` when something cannot be had: the general
/// executor then says what.
pub async fn gather<T: Plain>(root: &T, selection: &Selection, batch: &Batch, have: &mut Have) -> bool {
    load(root, selection, batch, have).await.is_some()
}

async fn load<T: Plain>(root: &T, selection: &Selection, batch: &Batch, have: &mut Have) -> Option<()> {
    let mut wants = Wants::default();
    root.want(selection, &mut wants);
    while !wants.0.is_empty() {
        let loads = std::mem::take(&mut wants.0)
            .into_iter()
            .map(|(_, wanted)| wanted.load(selection, batch, have));
        for loaded in try_join_all(loads).await.ok()? {
            loaded.keep(have, &mut wants)?;
        }
    }
    Some(())
}

/// What was loaded, by key. An answer shows nodes of a few kinds, and is asked for them thousands of times: a look along a list finds a
/// kind sooner than a hash.
#[derive(Default)]
pub struct Have(Vec<(TypeId, Box<dyn Any + Send + Sync>)>);

type Loaded<K> = HashMap<K, <Batch as Loader<K>>::Value>;

impl Have {
    /// What a key leads to.
    #[must_use]
    pub fn get<K>(&self, key: &K) -> Option<&<Batch as Loader<K>>::Value>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = LoadError>,
    {
        let kind = TypeId::of::<K>();
        let (_, all) = self.0.iter().find(|(of, _)| *of == kind)?;
        all.downcast_ref::<Loaded<K>>()?.get(key)
    }

    /// Keeps what was loaded by these keys.
    pub fn bring<K>(&mut self, loaded: HashMap<K, <Batch as Loader<K>>::Value>)
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = LoadError>,
    {
        let kind = TypeId::of::<K>();
        let here = self.0.iter_mut().find(|(of, _)| *of == kind);
        match here.and_then(|(_, all)| all.downcast_mut::<Loaded<K>>()) {
            Some(all) => all.extend(loaded),
            None => self.0.push((kind, Box::new(loaded))),
        }
    }
}

/// What is to be loaded next.
#[derive(Default)]
pub struct Wants<'s>(Vec<(TypeId, Box<dyn Wanted<'s> + 's>)>);

impl<'s> Wants<'s> {
    /// What this key leads to is selected so; `must`: it has to be there.
    pub fn push<K>(&mut self, key: &K, selection: &'s Selection, must: bool)
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = LoadError>,
        <Batch as Loader<K>>::Value: Plain,
    {
        let kind = TypeId::of::<K>();
        match self.0.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, wanted)) => wanted.add(key, selection, must),
            None => {
                let mut wanted = Keys::<'s, K>(HashMap::default());
                wanted.add(key, selection, must);
                self.0.push((kind, Box::new(wanted)));
            }
        }
    }
}

/// Keys of one kind, whatever it is.
trait Wanted<'s>: Send {
    fn add(&mut self, key: &dyn Any, selection: &'s Selection, must: bool);
    /// Loads those that are not there, as `plan`, the whole of it, shows what they lead to.
    fn load<'b>(
        self: Box<Self>,
        plan: &Selection,
        batch: &'b Batch,
        have: &Have,
    ) -> BoxFuture<'b, Result<Box<dyn Found<'s> + 's>, LoadError>>
    where
        's: 'b;
}

/// What was found of them.
trait Found<'s>: Send {
    /// Keeps it, and says what it refers to itself. `None`: something is missing.
    fn keep(self: Box<Self>, have: &mut Have, wants: &mut Wants<'s>) -> Option<()>;
}

/// What is selected of what a key leads to, and whether it has to be there: by one selection, nearly always.
type Selections<'s> = ((&'s Selection, bool), Vec<(&'s Selection, bool)>);

/// The keys of one kind, each with all that is selected of what it leads to. The hash is quick, and seeded anew by each process.
type Selected<'s, K> = HashMap<K, Selections<'s>, RandomState>;

fn each<'a, T>(one: &'a T, more: &'a [T]) -> impl Iterator<Item = &'a T> {
    std::iter::once(one).chain(more)
}

struct Keys<'s, K>(Selected<'s, K>);

impl<'s, K> Wanted<'s> for Keys<'s, K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    <Batch as Loader<K>>::Value: Plain,
{
    fn add(&mut self, key: &dyn Any, selection: &'s Selection, must: bool) {
        let Some(key) = key.downcast_ref::<K>() else { return };
        match self.0.get_mut(key) {
            // Two places ask for the same by selections of their own.
            Some((one, more)) if each(one, more).any(|(s, _)| std::ptr::eq(*s, selection)) => {}
            Some((_, more)) => more.push((selection, must)),
            None => drop(self.0.insert(key.clone(), ((selection, must), Vec::new()))),
        }
    }

    fn load<'b>(
        self: Box<Self>,
        plan: &Selection,
        batch: &'b Batch,
        have: &Have,
    ) -> BoxFuture<'b, Result<Box<dyn Found<'s> + 's>, LoadError>>
    where
        's: 'b,
    {
        // Briefly or not for the whole plan: what one level brought is enough for every other.
        let batch = batch.reading(plan.reads_briefly::<K>());
        let keys: Vec<K> = self.0.keys().filter(|k| have.get(*k).is_none()).cloned().collect();
        Box::pin(async move {
            let mut loaded = Loaded::<K>::new();
            for part in keys.chunks(MOST) {
                let found = batch.load(part).await?;
                if loaded.is_empty() {
                    loaded = found;
                } else {
                    loaded.extend(found);
                }
            }
            let found: Box<dyn Found<'s> + 's> = Box::new(Values {
                loaded,
                selected: self.0,
            });
            Ok(found)
        })
    }
}

struct Values<'s, K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
{
    loaded: Loaded<K>,
    selected: Selected<'s, K>,
}

impl<'s, K> Found<'s> for Values<'s, K>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Batch: Loader<K, Error = LoadError>,
    <Batch as Loader<K>>::Value: Plain,
{
    fn keep(self: Box<Self>, have: &mut Have, wants: &mut Wants<'s>) -> Option<()> {
        have.bring(self.loaded);
        for (key, (one, more)) in &self.selected {
            let value = have.get(key);
            for (selection, must) in each(one, more) {
                match value {
                    Some(value) => value.want(selection, wants),
                    None if *must => return None,
                    None => {}
                }
            }
        }
        Some(())
    }
}
