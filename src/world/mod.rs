//! The state of a run, in columns: one file an agent kind, and the ledger. State only: `step` writes it.

pub mod applications;
pub mod capital;
pub mod clouds;
pub mod consumers;
pub mod demand;
pub mod enterprises;
pub mod environment;
pub mod government;
pub mod investors;
pub mod labs;
pub mod ledger;
pub mod other_business;
pub mod posture;
pub mod regulators;
pub mod tools;

use crate::units::Month;

/// Numbers of agents of each kind; the shape of all columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dims {
    /// Labs, L.
    pub labs: usize,
    /// Alternatives of a choice: the labs, then open weights that a firm hosts itself. L + 1.
    pub alternatives: usize,
    /// Clouds, C.
    pub clouds: usize,
    /// Individual investors, V.
    pub investors: usize,
    /// Kinds of investor, K.
    pub kinds: usize,
    /// Jurisdictions, J.
    pub jurisdictions: usize,
    /// Sectors, S.
    pub sectors: usize,
}

/// The state of one run.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Shape.
    pub dims: Dims,
    /// The month whose end the state describes.
    pub month: Month,
    /// Steps done.
    pub step: usize,
    /// Funding climate and rental price.
    pub environment: environment::Environment,
    /// Labs.
    pub labs: labs::Labs,
    /// What labs have changed of their strategies, and their boards.
    pub posture: posture::Posture,
    /// Clouds, and the sector of chips and builders.
    pub clouds: clouds::Clouds,
    /// Investors.
    pub investors: investors::Investors,
    /// What ties labs to groups.
    pub capital: capital::Capital,
    /// Enterprises: who they are and what they hold.
    pub enterprises: enterprises::Enterprises,
    /// What enterprises demand of each lab, summed.
    pub demand: demand::Demand,
    /// Smaller firms, one aggregate a jurisdiction.
    pub other_business: other_business::OtherBusiness,
    /// Application vendors.
    pub applications: applications::Applications,
    /// Orchestration platforms and governance tools.
    pub tools: tools::Tools,
    /// Consumers.
    pub consumers: consumers::Consumers,
    /// Regulators, by jurisdiction.
    pub regulators: regulators::Regulators,
    /// Government as a buyer.
    pub government: government::Government,
    /// Who paid whom, and all balance sheets.
    pub ledger: ledger::Ledger,
    /// Scratch of the settlement of defaults.
    pub clearing: Clearing,
}

/// Buffers that a settlement of defaults fills and forgets; they keep their memory.
#[derive(Clone, Debug, Default)]
pub struct Clearing {
    /// What each node owes each other, row after row, USD.
    pub obligations: Vec<f64>,
    /// What each node holds besides, USD.
    pub assets: Vec<f64>,
    /// What each owes in all, USD.
    pub owed: Vec<f64>,
    /// What each pays, USD.
    pub paid: Vec<f64>,
    /// Who cannot pay all.
    pub fails: Vec<bool>,
    /// Their indices.
    pub failed: Vec<usize>,
    /// Matrix of the system that they solve.
    pub matrix: Vec<f64>,
    /// Its right side, then its solution.
    pub right: Vec<f64>,
}

impl Clearing {
    /// Takes memory for so many nodes, so that no settlement has to.
    pub fn reserve(&mut self, nodes: usize) {
        for (buffer, n) in [
            (&mut self.obligations, nodes * nodes),
            (&mut self.assets, nodes),
            (&mut self.owed, nodes),
            (&mut self.paid, nodes),
            (&mut self.matrix, nodes * nodes),
            (&mut self.right, nodes),
        ] {
            refill(buffer, n, 0.0);
        }
        refill(&mut self.fails, nodes, false);
        refill(&mut self.failed, nodes, 0);
    }
}

/// A table whose rows of up to 16 numbers each lie in one line of the cache: they are read in an order that no cache foresees.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    values: Vec<f32>,
    from: usize,
}

impl Rows {
    const LINE_BYTES: usize = 64;

    /// Gives the table `n` numbers, keeping its memory; those that it had may stand anywhere.
    pub fn reshape(&mut self, n: usize) {
        const SPARE: usize = Rows::LINE_BYTES / size_of::<f32>();
        if self.len() != n {
            self.values.clear();
            self.values.resize(n + SPARE, 0.0);
            // Only the place of the numbers in memory depends on it, never their values.
            self.from = self.values.as_ptr().align_offset(Rows::LINE_BYTES).min(SPARE);
            self.values.truncate(self.from + n);
        }
    }
}

impl std::ops::Deref for Rows {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.values[self.from..]
    }
}

impl std::ops::DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.from..]
    }
}

/// Clears a column and fills it with `n` times `value`, keeping its memory.
pub fn refill<T: Clone>(column: &mut Vec<T>, n: usize, value: T) {
    column.clear();
    column.resize(n, value);
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn rows_begin_at_lines_of_the_cache_and_keep_their_numbers() {
        let mut rows = Rows::default();
        for n in [16, 48, 32] {
            rows.reshape(n);
            assert_eq!((rows.len(), rows.as_ptr().align_offset(Rows::LINE_BYTES)), (n, 0));
            rows.fill(n as f32);
            rows.reshape(n);
            assert!(rows.iter().all(|&x| x == n as f32) && rows.clone().len() == n);
        }
    }
}
