//! The ledger: every payment has a payer and a payee, and every balance sheet closes (section 3.17).
//!
//! ```text
//! cash − cash before = inflow − outflow                                                    each account, each step
//! cash + capital + loans + shares + prepaid − debt − advances
//!     = opening equity + paid in + result − distributed + revaluation                      each account
//! Σ (inflow − outflow) = 0;   Σ loans = Σ debt;   Σ prepaid = Σ advances                   all accounts
//! Σ result = capital bought + Σ distributed                                                all accounts, since the start
//! current    payer: result −, payee: result +           capital   payer: capital +, payee: result +
//! loan       payer: loans +, payee: debt +              repayment payer: debt −, payee: loans −
//! equity     payer: shares +, payee: paid in +          shares    payer: shares +, payee: shares −
//! distribution   payer: distributed +, payee: result +  prepayment   payer: prepaid +, payee: advances +
//! use        prepaid − and advances − alike; user: result − or capital +, provider: result +
//! ```
//!
//! Assets are cash, capital (at cost less depreciation), loans, shares and compute paid for ahead; liabilities are debt and
//! advances for such compute; equity is what was there at the start, what owners paid in, the current result less what was
//! distributed to owners, and revaluation. A payment moves cash and, by its [`Flow`], one other column of each side. The
//! check of a step recomputes each identity from columns that are posted apart: cash against the step's inflows less
//! outflows; assets less liabilities against equity; all loans against all debt; all prepayments against all advances;
//! all current results against all capital bought and all distributions, which are income of those who receive them.
//!
//! Double entry in a closed economy: Godley and Lavoie (2007), Monetary Economics. Within 10⁻⁹ of what an account has turned over; a step
//! that does not close ends the run.

use crate::units::Usd;

/// What a payment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Sales, wages, rent, power, interest, fines: income of one side, cost of the other.
    Current,
    /// Capital goods: an asset of the payer, income of the payee.
    Capital,
    /// A loan: an asset of the payer, a debt of the payee.
    Loan,
    /// Repayment of a loan.
    Repayment,
    /// New shares: an asset of the payer, paid-in equity of the payee.
    Equity,
    /// Shares that the payee held: they pass to the payer at this price.
    Shares,
    /// Dividends and what is left in a winding-up: less equity of the payer, not a cost; income of the payee, an owner.
    Distribution,
    /// Compute paid for before it is used: an asset of the payer, an advance that the payee owes in compute.
    Prepayment,
}

/// Index of an account.
pub type Account = usize;

/// Sectors without agents of their own, each an account after those of labs, clouds and investors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Sector {
    /// Chip makers and builders.
    Suppliers,
    /// Suppliers of power, shells and operations.
    Power,
    /// Staff.
    Staff,
    /// Application vendors.
    Applications,
    /// Vendors of audits, monitoring and compliance.
    GovernanceVendors,
    /// Vendors of orchestration platforms.
    Orchestration,
    /// Owner groups of divisions and clouds.
    Owners,
    /// Lenders.
    Lenders,
    /// Enterprises.
    Enterprises,
    /// Smaller firms.
    OtherBusiness,
    /// Consumers.
    Consumers,
    /// Governments.
    Governments,
    /// The rest of the world: tenants of clouds, providers of investors' money, claimants after harm.
    RestOfWorld,
}

/// Number of sectors.
pub const SECTORS: usize = 13;

/// A broken identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Imbalance {
    /// Which identity.
    pub identity: &'static str,
    /// Account, where one is concerned.
    pub account: Option<Account>,
    /// Size of the gap, USD.
    pub gap_usd: f64,
}

/// The books of one account, USD. What is booked together stands together.
#[derive(Clone, Copy, Debug, Default)]
struct Books {
    cash: f64,
    capital: f64,
    loans: f64,
    shares: f64,
    prepaid: f64,
    debt: f64,
    advances: f64,
    opening_equity: f64,
    paid_in: f64,
    result: f64,
    distributed: f64,
    revaluation: f64,
    cash_before: f64,
    inflow: f64,
    outflow: f64,
    /// What it turned over in the steps before, and this step without cash, USD.
    turned_over: f64,
}

impl Books {
    /// The side of the payer.
    #[inline]
    fn give(&mut self, a: f64, flow: Flow) {
        self.cash -= a;
        self.outflow += a;
        match flow {
            Flow::Current => self.result -= a,
            Flow::Capital => self.capital += a,
            Flow::Loan => self.loans += a,
            Flow::Repayment => self.debt -= a,
            Flow::Equity | Flow::Shares => self.shares += a,
            Flow::Distribution => self.distributed += a,
            Flow::Prepayment => self.prepaid += a,
        }
    }
    /// The side of the payee.
    #[inline]
    fn receive(&mut self, a: f64, flow: Flow) {
        self.cash += a;
        self.inflow += a;
        match flow {
            Flow::Current | Flow::Distribution | Flow::Capital => self.result += a,
            Flow::Loan => self.debt += a,
            Flow::Repayment => self.loans -= a,
            Flow::Equity => self.paid_in += a,
            Flow::Shares => self.shares -= a,
            Flow::Prepayment => self.advances += a,
        }
    }
}

/// The books of all accounts.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    labs: usize,
    clouds: usize,
    books: Vec<Books>,
    capital_bought: f64,
}

impl Ledger {
    /// Empties all accounts for a world of these shapes.
    pub fn reset(&mut self, labs: usize, clouds: usize, investors: usize) {
        let n = labs + clouds + investors + SECTORS;
        self.labs = labs;
        self.clouds = clouds;
        super::refill(&mut self.books, n, Books::default());
        self.capital_bought = 0.0;
    }

    /// Account of a lab.
    pub fn lab(&self, lab: usize) -> Account {
        lab
    }
    /// Account of a cloud.
    pub fn cloud(&self, cloud: usize) -> Account {
        self.labs + cloud
    }
    /// Account of an investor.
    pub fn investor(&self, investor: usize) -> Account {
        self.labs + self.clouds + investor
    }
    /// Account of a sector.
    pub fn sector(&self, sector: Sector) -> Account {
        self.books.len() - SECTORS + sector as usize
    }
    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.books.len()
    }
    /// Whether there are no accounts.
    pub fn is_empty(&self) -> bool {
        self.books.is_empty()
    }

    /// Sets what an account holds at the start; its equity follows. Debt is owed to the lenders.
    pub fn open(&mut self, account: Account, cash: Usd, capital: Usd, debt: Usd) {
        self.books[account].cash += cash.0;
        self.books[account].cash_before += cash.0;
        self.books[account].capital += capital.0;
        self.books[account].debt += debt.0;
        self.books[account].opening_equity += cash.0 + capital.0 - debt.0;
        let lenders = self.sector(Sector::Lenders);
        self.books[lenders].loans += debt.0;
        self.books[lenders].opening_equity += debt.0;
    }
    /// Gives an investor or owner shares at the start, at this value.
    pub fn open_shares(&mut self, account: Account, value: Usd) {
        self.books[account].shares += value.0;
        self.books[account].opening_equity += value.0;
    }

    /// Starts the books of a step.
    pub fn begin_step(&mut self) {
        for books in &mut self.books {
            books.turned_over += books.inflow + books.outflow;
            books.cash_before = books.cash;
            (books.inflow, books.outflow) = (0.0, 0.0);
        }
    }

    /// Moves `amount` from payer to payee. An amount of zero is no payment; a negative one is a defect.
    pub fn pay(&mut self, payer: Account, payee: Account, amount: Usd, flow: Flow) {
        let a = amount.0;
        debug_assert!(a >= 0.0 || a.is_nan(), "a payment of {a} USD");
        if a == 0.0 {
            return;
        }
        self.books[payer].give(a, flow);
        self.books[payee].receive(a, flow);
        if flow == Flow::Capital {
            self.capital_bought += a;
        }
    }

    /// Shares that an account buys of others, which stand from `first` on: what [`pay`](Self::pay) would do for one after the other.
    pub fn subscribe(&mut self, payer: Account, first: Account, amounts: impl Iterator<Item = Usd>) {
        let mut of = self.books[payer];
        for (to, Usd(a)) in self.books[first..].iter_mut().zip(amounts) {
            debug_assert!(a >= 0.0 || a.is_nan(), "a payment of {a} USD");
            of.give(a, Flow::Equity);
            to.receive(a, Flow::Equity);
        }
        self.books[payer] = of;
    }

    /// Uses compute that was paid for ahead: rent (a cost) or hardware (capital) of the user, income of the provider. No cash moves.
    /// `amount` is no more than what is open between the two, which the caller keeps.
    pub fn draw_prepaid(&mut self, user: Account, provider: Account, amount: Usd, capital: bool) {
        let a = amount.0;
        if a == 0.0 {
            return;
        }
        self.books[user].prepaid -= a;
        self.books[provider].advances -= a;
        self.books[provider].result += a;
        if capital {
            self.books[user].capital += a;
            self.capital_bought += a;
        } else {
            self.books[user].result -= a;
        }
        self.books[user].turned_over += a;
        self.books[provider].turned_over += a;
    }
    /// Ends a claim on compute that nobody will use: a loss of who had paid, a gain of who need not deliver.
    pub fn forfeit_prepaid(&mut self, user: Account, provider: Account, amount: Usd) {
        let a = amount.0;
        self.books[user].prepaid -= a;
        self.books[user].revaluation -= a;
        self.books[provider].advances -= a;
        self.books[provider].revaluation += a;
    }

    /// Writes capital down; never below zero. Returns the amount.
    pub fn depreciate(&mut self, account: Account, amount: Usd) -> Usd {
        let a = amount.0.min(self.books[account].capital);
        self.books[account].capital -= a;
        self.books[account].revaluation -= a;
        Usd(a)
    }
    /// Sets the value of the shares that an account holds; the difference is revaluation.
    pub fn mark_shares(&mut self, account: Account, value: Usd) {
        self.books[account].revaluation += value.0 - self.books[account].shares;
        self.books[account].shares = value.0;
    }
    /// Cancels debt that a defaulted account cannot pay; lenders bear it.
    pub fn cancel_debt(&mut self, account: Account) -> Usd {
        let a = self.books[account].debt;
        let lenders = self.sector(Sector::Lenders);
        self.books[account].debt = 0.0;
        self.books[account].revaluation += a;
        self.books[lenders].loans -= a;
        self.books[lenders].revaluation -= a;
        Usd(a)
    }

    /// Cash of an account.
    pub fn cash(&self, account: Account) -> Usd {
        Usd(self.books[account].cash)
    }
    /// Debt of an account.
    pub fn debt(&self, account: Account) -> Usd {
        Usd(self.books[account].debt)
    }
    /// Capital of an account, at cost less depreciation.
    pub fn capital(&self, account: Account) -> Usd {
        Usd(self.books[account].capital)
    }
    /// Value of the shares that an account holds.
    pub fn shares(&self, account: Account) -> Usd {
        Usd(self.books[account].shares)
    }
    /// Compute that an account has paid for and not used.
    pub fn prepaid(&self, account: Account) -> Usd {
        Usd(self.books[account].prepaid)
    }
    /// Distributed by an account to its owners since the start.
    pub fn distributed(&self, account: Account) -> Usd {
        Usd(self.books[account].distributed)
    }
    /// Income less cost of an account since the start, before depreciation.
    pub fn result(&self, account: Account) -> Usd {
        Usd(self.books[account].result)
    }
    /// Paid out by an account this step.
    pub fn outflow(&self, account: Account) -> Usd {
        Usd(self.books[account].outflow)
    }
    /// Received by an account this step.
    pub fn inflow(&self, account: Account) -> Usd {
        Usd(self.books[account].inflow)
    }

    /// Checks every identity of the step that began with [`begin_step`](Self::begin_step).
    pub fn check(&self) -> Result<(), Imbalance> {
        const TOLERANCE: f64 = 1e-9;
        let (mut net, mut moved) = (0.0, 0.0);
        let (mut loans, mut debt, mut result, mut gross) = (0.0, 0.0, 0.0, 1.0);
        let (mut prepaid, mut advances, mut distributed) = (0.0, 0.0, 0.0);
        for (i, b) in self.books.iter().enumerate() {
            let flow = b.inflow - b.outflow;
            let volume = b.inflow + b.outflow;
            net += flow;
            moved += volume;
            let turned_over = b.turned_over + volume;
            let assets = b.cash + b.capital + b.loans + b.shares + b.prepaid;
            let scale = 1.0 + greater(greater(assets.abs(), turned_over), b.opening_equity.abs());
            let kept = b.cash - b.cash_before - flow;
            if !within(kept, TOLERANCE * scale) {
                return Err(Imbalance { identity: "cash moves only by payments", account: Some(i), gap_usd: kept });
            }
            let earned = b.result - b.distributed;
            let equity = b.opening_equity + b.paid_in + earned + b.revaluation;
            let gap = assets - b.debt - b.advances - equity;
            if !within(gap, TOLERANCE * scale) {
                return Err(Imbalance { identity: "assets less debt are equity", account: Some(i), gap_usd: gap });
            }
            loans += b.loans;
            debt += b.debt;
            prepaid += b.prepaid;
            advances += b.advances;
            result += b.result;
            distributed += b.distributed;
            gross += turned_over;
        }
        if !within(net, TOLERANCE * moved) {
            return Err(Imbalance { identity: "flows sum to zero", account: None, gap_usd: net });
        }
        if !within(loans - debt, TOLERANCE * gross.max(debt)) {
            return Err(Imbalance { identity: "loans are debts", account: None, gap_usd: loans - debt });
        }
        if !within(prepaid - advances, TOLERANCE * gross) {
            return Err(Imbalance { identity: "prepayments are advances", account: None, gap_usd: prepaid - advances });
        }
        let gap = result - self.capital_bought - distributed;
        if !within(gap, TOLERANCE * gross) {
            let identity = "results sum to capital bought and distributions";
            return Err(Imbalance { identity, account: None, gap_usd: gap });
        }
        Ok(())
    }

    /// Moves cash without a counterpart: what the check must catch. For tests only.
    #[doc(hidden)]
    pub fn corrupt_cash(&mut self, account: Account, amount: f64) {
        self.books[account].cash += amount;
    }
}

/// The greater of two amounts, in one instruction, as `f64::max` is not. NaN need not survive: the gaps that are compared hold it.
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Whether a gap is within its tolerance; a gap that is no number is not.
fn within(gap: f64, tolerance: f64) -> bool {
    gap.abs() <= tolerance
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.reset(2, 1, 3);
        for account in 0..ledger.len() {
            ledger.open(account, Usd(100.0), Usd(10.0), Usd(5.0));
        }
        ledger.begin_step();
        ledger
    }

    const FLOWS: [Flow; 8] = [
        Flow::Current,
        Flow::Capital,
        Flow::Loan,
        Flow::Repayment,
        Flow::Equity,
        Flow::Shares,
        Flow::Distribution,
        Flow::Prepayment,
    ];

    proptest! {
        #[test]
        fn the_books_close_whatever_is_paid(payments in prop::collection::vec((0usize..19, 0usize..19, 0.0f64..1e12, 0usize..8), 0..60)) {
            let mut ledger = ledger();
            for (payer, payee, amount, flow) in payments {
                ledger.pay(payer, payee, Usd(amount), FLOWS[flow]);
                ledger.depreciate(payer, Usd(amount / 3.0));
                ledger.mark_shares(payee, Usd(amount));
                if FLOWS[flow] == Flow::Prepayment {
                    ledger.draw_prepaid(payer, payee, Usd(amount / 2.0), amount > 1e11);
                    ledger.forfeit_prepaid(payer, payee, Usd(amount / 4.0));
                }
            }
            ledger.cancel_debt(0);
            prop_assert_eq!(ledger.check(), Ok(()));
        }

        #[test]
        fn money_from_nowhere_is_caught(account in 0usize..19, amount in 1.0f64..1e9) {
            let mut ledger = ledger();
            ledger.corrupt_cash(account, amount);
            prop_assert_eq!(ledger.check().map_err(|e| (e.identity, e.account)), Err(("cash moves only by payments", Some(account))));
        }
    }

    #[test]
    fn who_subscribes_to_the_shares_of_many_pays_one_after_the_other() {
        let amounts = [3.5, 0.0, 0.1, 1e9, 7.0].map(Usd);
        let (mut singly, mut together) = (ledger(), ledger());
        for (n, &amount) in amounts.iter().enumerate() {
            singly.pay(9, 2 + n, amount, Flow::Equity);
        }
        together.subscribe(9, 2, amounts.into_iter());
        for account in 0..singly.len() {
            assert_eq!(format!("{:?}", singly.books[account]), format!("{:?}", together.books[account]));
        }
        assert_eq!(together.check(), Ok(()));
    }

    #[test]
    fn a_cost_booked_as_an_asset_breaks_the_books() {
        let mut ledger = ledger();
        ledger.pay(0, 1, Usd(7.0), Flow::Current);
        ledger.books[0].capital += 7.0;
        assert_eq!(ledger.check().map_err(|e| e.identity), Err("assets less debt are equity"));
    }

    #[test]
    fn a_debt_that_nobody_is_owed_breaks_the_books() {
        let mut ledger = ledger();
        ledger.books[0].debt += 1.0;
        ledger.books[0].opening_equity -= 1.0;
        assert_eq!(ledger.check().map_err(|e| e.identity), Err("loans are debts"));
    }

    #[test]
    fn capital_bought_is_an_asset_of_the_buyer_and_income_of_the_seller() {
        let mut ledger = ledger();
        ledger.pay(0, 1, Usd(20.0), Flow::Capital);
        assert_eq!(ledger.capital(0), Usd(30.0));
        assert_eq!(ledger.books[1].result, 20.0);
        assert_eq!(ledger.cash(0), Usd(80.0));
    }

    #[test]
    fn a_distribution_is_no_cost_of_who_pays_it_and_income_of_the_owner() {
        let mut ledger = ledger();
        ledger.pay(0, 1, Usd(20.0), Flow::Distribution);
        assert_eq!((ledger.result(0), ledger.distributed(0), ledger.result(1)), (Usd::ZERO, Usd(20.0), Usd(20.0)));
        assert_eq!(ledger.check(), Ok(()));
        ledger.books[0].distributed -= 20.0;
        assert_eq!(ledger.check().map_err(|e| e.identity), Err("assets less debt are equity"));
    }

    #[test]
    fn compute_paid_for_ahead_is_a_cost_and_an_income_when_it_is_used_not_before() {
        let mut ledger = ledger();
        ledger.pay(0, 1, Usd(30.0), Flow::Prepayment);
        assert_eq!((ledger.result(0), ledger.result(1), ledger.prepaid(0)), (Usd::ZERO, Usd::ZERO, Usd(30.0)));
        ledger.draw_prepaid(0, 1, Usd(10.0), false);
        assert_eq!((ledger.result(0), ledger.result(1), ledger.prepaid(0)), (Usd(-10.0), Usd(10.0), Usd(20.0)));
        ledger.draw_prepaid(0, 1, Usd(5.0), true);
        assert_eq!((ledger.capital(0), ledger.result(1)), (Usd(15.0), Usd(15.0)));
        assert_eq!((ledger.cash(0), ledger.cash(1)), (Usd(70.0), Usd(130.0)));
        assert_eq!(ledger.check(), Ok(()));
        ledger.books[1].advances -= 1.0;
        ledger.books[1].opening_equity += 1.0;
        assert_eq!(ledger.check().map_err(|e| e.identity), Err("prepayments are advances"));
    }

    #[test]
    fn shares_that_change_hands_leave_both_sides_as_rich_as_before() {
        let mut ledger = ledger();
        ledger.pay(0, 1, Usd(8.0), Flow::Shares);
        assert_eq!((ledger.shares(0), ledger.shares(1)), (Usd(8.0), Usd(-8.0)));
        assert_eq!(ledger.check(), Ok(()));
    }

    #[test]
    fn a_number_that_is_none_fails_the_check() {
        let mut ledger = ledger();
        ledger.corrupt_cash(3, f64::NAN);
        assert!(ledger.check().is_err());
    }
}
