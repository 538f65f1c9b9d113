//! A value that many hold and few change: a copy of it costs a count.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

/// A value that is held together with others; whoever changes it gets one of their own.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Shared<T> {
    /// The value, for changing it.
    pub fn to_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }

    /// A copy of the value itself.
    pub fn to_own(&self) -> T {
        T::clone(&self.0)
    }
}

impl<T> Shared<T>
where
    for<'a> &'a T: IntoIterator,
{
    /// What is in it, one after the other.
    pub fn iter(&self) -> <&T as IntoIterator>::IntoIter {
        self.0.as_ref().into_iter()
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Shared<BTreeMap<K, V>> {
    fn from(all: [(K, V); N]) -> Self {
        Self::from(BTreeMap::from(all))
    }
}

impl<T: FromIterator<A>, A> FromIterator<A> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = A>>(all: I) -> Self {
        Self::from(all.into_iter().collect::<T>())
    }
}

impl<'a, T> IntoIterator for &'a Shared<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
