use std::collections::HashMap;

use rayon::prelude::*;

use super::cache::FeatureCache;
use super::cached_rows::CachedRows;
use super::error::CacheError;
use super::key::CacheKey;

/// Why there is no value of an item.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FillError<E> {
    /// What `key_of` or `compute` said.
    #[error(transparent)]
    Item(E),
    /// The value cannot be read or kept.
    #[error(transparent)]
    Cache(CacheError),
    /// The item had another key after its value was made, which may be of the one or the other.
    #[error("it changed while it was read; run again when it stays as it is")]
    Changed,
}

impl FeatureCache {
    /// The values of a list of items in its order, made where they are missing, on all threads of the pool.
    ///
    /// `key_of` gives an item's key, hashing its file; `compute` makes its rows, all of one length; `progress` is called when
    /// an item is done, whether well or not. Items with the same key are computed once. Each value is kept as soon as it is
    /// there: after an interruption only the others are computed. `key_of` is asked again after `compute`, so that a file
    /// which changes in between is not kept under the key of its former content.
    ///
    /// Each item has an error of its own. Large values stay mapped as long as they are held, of which a process may have some
    /// 65,000 at once on Linux; for longer lists, fill part after part and [get](FeatureCache::get) again.
    pub fn fill<I: Sync, E: Send>(
        &self,
        items: &[I],
        key_of: impl Fn(&I) -> Result<CacheKey, E> + Sync,
        compute: impl Fn(&I) -> Result<Vec<Vec<f32>>, E> + Sync,
        progress: &(dyn Fn() + Sync),
    ) -> Vec<Result<CachedRows, FillError<E>>> {
        let keys: Vec<Result<CacheKey, E>> = items.par_iter().map(&key_of).collect();
        let value = |item: &I, key: &CacheKey| {
            if let Some(rows) = self.get(key).map_err(FillError::Cache)? {
                return Ok(rows);
            }
            let rows = compute(item).map_err(FillError::Item)?;
            if key_of(item).map_err(FillError::Item)? != *key {
                return Err(FillError::Changed);
            }
            self.keep(key, &rows).map_err(FillError::Cache)
        };
        // The items of one key follow each other on one thread: the second finds what the first has made.
        let mut of_places: Vec<(usize, Result<CachedRows, FillError<E>>)> = groups(&keys)
            .into_par_iter()
            .flat_map_iter(|(key, places)| {
                let of_place = |place: usize| {
                    let value = items.get(place).map(|item| value(item, &key));
                    progress();
                    value.map(|value| (place, value))
                };
                places.into_iter().filter_map(of_place).collect::<Vec<_>>()
            })
            .collect();
        for (place, key) in keys.into_iter().enumerate() {
            if let Err(error) = key {
                progress();
                of_places.push((place, Err(FillError::Item(error))));
            }
        }
        of_places.sort_unstable_by_key(|(place, _)| *place);
        of_places.into_iter().map(|(_, value)| value).collect()
    }
}

/// The keys in the order of their first item, each with the places of all its items.
fn groups<E>(keys: &[Result<CacheKey, E>]) -> Vec<(CacheKey, Vec<usize>)> {
    let mut groups: Vec<(CacheKey, Vec<usize>)> = Vec::new();
    let mut group_of: HashMap<CacheKey, usize> = HashMap::new();
    for (place, key) in keys.iter().enumerate() {
        let Ok(key) = key else { continue };
        let group = *group_of.entry(*key).or_insert(groups.len());
        match groups.get_mut(group) {
            Some((_, places)) => places.push(place),
            None => groups.push((*key, vec![place])),
        }
    }
    groups
}
