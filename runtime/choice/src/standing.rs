//! A choice that stands as long as the prices do.

use crate::{Choice, Snapshot, Table};

/// A table with the choice that it led to last. Where the snapshot's epoch is still that of the
/// choice, nothing is read but the epoch and nothing computed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Standing<const V: usize, const R: usize> {
    table: Table<V, R>,
    choice: Choice,
    epoch: u64,
}

impl<const V: usize, const R: usize> Standing<V, R> {
    pub fn new(table: Table<V, R>, prices: &Snapshot<R>) -> Standing<V, R> {
        let (now, epoch) = prices.read();
        Standing { table, choice: table.choose(&now), epoch }
    }

    /// The variant that costs least at the prices in force; always of the snapshot it began with.
    #[inline]
    pub fn choose(&mut self, prices: &Snapshot<R>) -> Choice {
        // An odd epoch, prices that are changing, is that of no choice.
        if prices.epoch() != self.epoch {
            self.choose_anew(prices);
        }
        self.choice
    }

    #[cold]
    fn choose_anew(&mut self, prices: &Snapshot<R>) {
        *self = Standing::new(self.table, prices);
    }
}
