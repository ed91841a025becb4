//! The values that are bound to a statement.
//!
//! Most statements have few, which are kept in place: a list on the heap would be made for each, or kept from one statement to
//! the next, and a list of borrows can only be kept by being made into one of other borrows, value by value.

use std::cell::RefCell;

use crate::value::Value;

/// How many values are kept in place: that of a query by key. More would make each statement larger, which is moved from call to
/// call while it is made.
const FEW: usize = 1;

thread_local! {
    /// Lists that are not in use, with the space that they once took.
    static SPARE: RefCell<Vec<Vec<Value<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// How many lists a thread keeps; a statement with subqueries may need one for each.
pub(super) const SPARE_LISTS: usize = 16;

/// How many pieces or values a kept list has room for at most; an INSERT of thousands of rows is rare enough.
pub(super) const SPARE_SPACE: usize = 4096;

/// Values in the order of their places.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    count: usize,
    few: [Value<'a>; FEW],
    more: Vec<Value<'a>>,
}

impl<'a> Bound<'a> {
    #[inline]
    pub(super) const fn new() -> Self {
        Self { count: 0, few: [const { Value::Null }; FEW], more: Vec::new() }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn push(&mut self, value: Value<'a>) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = value,
            None => self.push_more(value),
        }
        self.count += 1;
    }

    #[inline(never)]
    fn push_more(&mut self, value: Value<'a>) {
        if self.more.capacity() == 0 {
            // At the end of a thread the lists are gone before the last statement may be.
            let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
            self.more = spare.ok().flatten().unwrap_or_default();
        }
        self.more.push(value);
    }

    /// Returns the values in order, in two parts: a loop over both costs less than one over their chain.
    #[inline]
    pub(super) fn parts(&self) -> [&[Value<'a>]; 2] {
        [&self.few[..self.count.min(FEW)], &self.more]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Value<'a>> {
        self.parts().into_iter().flatten()
    }

    /// Returns a value, and leaves NULL.
    pub(super) fn take(&mut self, at: usize) -> Value<'a> {
        let place = if at < FEW { &mut self.few[at] } else { &mut self.more[at - FEW] };
        std::mem::replace(place, Value::Null)
    }
}

impl Drop for Bound<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.more.capacity() != 0 {
            give_back(std::mem::take(&mut self.more));
        }
    }
}

#[inline(never)]
fn give_back(mut list: Vec<Value<'_>>) {
    if list.capacity() > SPARE_SPACE {
        return;
    }
    list.clear();
    // Nothing borrowed is left in it, so that the same memory can be a list of other borrows; the standard library
    // collects in place.
    let list = list.into_iter().map(Value::into_owned).collect();
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < SPARE_LISTS {
            spare.push(list);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(count: i64) -> Bound<'static> {
        let mut bound = Bound::new();
        (0..count).for_each(|number| bound.push(number.into()));
        bound
    }

    #[test]
    fn values_stay_in_order_wherever_they_are_kept() {
        for count in 0..5 {
            let mut bound = bound(count);
            let values: Vec<Value<'_>> = (0..count).map(Value::from).collect();
            assert!(bound.iter().eq(&values), "{bound:?}");
            assert_eq!(bound.len(), values.len());
            for (at, value) in values.into_iter().enumerate() {
                assert_eq!(bound.take(at), value);
            }
            assert!(bound.iter().all(|value| *value == Value::Null));
        }
    }

    #[test]
    fn a_list_is_used_again_unless_it_is_long() {
        let place = bound(3).more.as_ptr();
        let next = bound(4);
        assert_eq!(next.more.as_ptr(), place);
        assert_eq!(next.more.len(), 4 - FEW);
        drop(next);
        drop(bound(2 * SPARE_SPACE as i64));
        SPARE.with(|spare| assert!(spare.borrow().iter().all(|list| list.capacity() <= SPARE_SPACE)));
    }
}
