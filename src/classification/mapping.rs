//! How requests of old classes are read by new ones: mappings of one activation after the other.
use std::collections::{BTreeMap, BTreeSet};

use super::model::WHOLE;

/// What one class became at one activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Row id of the category.
    pub old: i64,
    pub new: i64,
    /// Parts of [`WHOLE`].
    pub weight: i64,
}

/// Shares of each old class in new ones; a class that is not named stays itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shares(BTreeMap<i64, BTreeMap<i64, f64>>);

impl Shares {
    /// Of the steps of one activation.
    pub fn of(steps: &[Step]) -> Self {
        let mut shares = Self::default();
        for step in steps {
            #[expect(clippy::cast_precision_loss, reason = "weights are at most a thousand")]
            let part = step.weight as f64 / WHOLE as f64;
            *shares.0.entry(step.old).or_default().entry(step.new).or_default() += part;
        }
        shares
    }

    /// This and then another.
    #[must_use]
    pub fn then(&self, later: &Self) -> Self {
        let mut all = later.clone();
        for (old, parts) in &self.0 {
            let mut ends = BTreeMap::new();
            for (middle, part) in parts {
                for (new, share) in later.shares(*middle) {
                    *ends.entry(new).or_default() += part * share;
                }
            }
            all.0.insert(*old, ends);
        }
        all
    }

    /// The same, in which some classes are themselves.
    #[must_use]
    pub fn without(mut self, same: &BTreeSet<i64>) -> Self {
        self.0.retain(|old, _| !same.contains(old));
        self
    }

    /// The shares of one class.
    pub fn shares(&self, old: i64) -> Vec<(i64, f64)> {
        self.0
            .get(&old)
            .map_or_else(|| vec![(old, 1.0)], |parts| parts.iter().map(|(new, part)| (*new, *part)).collect())
    }

    /// The old classes of which something is in a new one, itself included.
    pub fn sources(&self, new: i64) -> BTreeSet<i64> {
        let mut found: BTreeSet<i64> =
            self.0.iter().filter(|(_, parts)| parts.contains_key(&new)).map(|(old, _)| *old).collect();
        if !self.0.contains_key(&new) {
            found.insert(new);
        }
        found
    }

    /// A whole number of requests of one class, divided: parts are whole and add up to it.
    pub fn divide(&self, old: i64, count: i64) -> Vec<(i64, i64)> {
        let shares = self.shares(old);
        let mut given = 0;
        let mut reached = 0.0;
        let mut parts = Vec::with_capacity(shares.len());
        for (place, (new, share)) in shares.iter().enumerate() {
            reached += share;
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts of tickets")]
            let until = if place + 1 == shares.len() { count } else { (reached * count as f64).round() as i64 };
            parts.push((*new, until - given));
            given = until;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(seed: &[(i64, i64, i64)]) -> Vec<Step> {
        seed.iter()
            .flat_map(|(old, new, weight)| {
                let rest = Step { old: *old, new: new + 1, weight: WHOLE - weight };
                let first = Step { old: *old, new: *new, weight: *weight };
                if *weight == WHOLE { vec![first] } else { vec![first, rest] }
            })
            .collect()
    }

    /// Steps from one range of classes to the next, each old class once.
    fn layer(from: i64, to: i64) -> impl Strategy<Value = Vec<Step>> {
        prop::collection::btree_map(from..from + 5, (to..to + 4, 1..=WHOLE), 0..5)
            .prop_map(|map| steps(&map.into_iter().map(|(old, (new, weight))| (old, new, weight)).collect::<Vec<_>>()))
    }

    proptest! {
        #[test]
        fn one_mapping_after_the_other_is_their_composition(a in layer(0, 10), b in layer(10, 20), c in layer(20, 30)) {
            let (a, b, c) = (Shares::of(&a), Shares::of(&b), Shares::of(&c));
            let (left, right) = (a.then(&b).then(&c), a.then(&b.then(&c)));
            for class in 0..25 {
                let sum: f64 = left.shares(class).iter().map(|(_, part)| part).sum();
                prop_assert!((sum - 1.0).abs() < 1e-9, "nothing is lost of {class}: {sum}");
                for ((x, part), (y, same)) in left.shares(class).into_iter().zip(right.shares(class)) {
                    prop_assert!(x == y && (part - same).abs() < 1e-9);
                }
            }
            prop_assert_eq!(Shares::default().then(&a), a.clone());
            prop_assert_eq!(a.then(&Shares::default()), a);
        }

        #[test]
        fn a_divided_count_is_whole_and_complete(a in layer(0, 10), count in 0_i64..10_000) {
            let shares = Shares::of(&a);
            for class in 0..5 {
                let parts = shares.divide(class, count);
                prop_assert_eq!(parts.iter().map(|(_, n)| n).sum::<i64>(), count);
                prop_assert!(parts.iter().all(|(new, n)| *n >= 0 && shares.sources(*new).contains(&class)));
            }
        }
    }
}
