//! Default: what a lab without money leaves is sold, and its creditors are paid pro rata (section 3.17).
//!
//! ```text
//! p_i = min(Σ_j L_ij, e_i + Σ_j p_j·L_ji/Σ_k L_jk)            clearing payments, USD
//! e_i = max(0, cash) + resale·book value of compute           of a lab in default
//! L_ik = c·(commitments and pledges left to cloud k);   L_i,lenders = debt + max(0, −cash)
//! to owners   what is left, by stake; the public, founders and staff the rest
//! ```
//!
//! Eisenberg and Noe (2001), Systemic risk in financial systems. Of nodes that owe `L_ij` to each other and hold assets
//! `e_i` the clearing payments solve `p_i = min(Σ_j L_ij, e_i + Σ_j p_j·L_ji / Σ_k L_jk)`: limited liability, debts first,
//! creditors pro rata. Their algorithm of fictitious defaults finds the greatest solution: suppose that all pay; mark those
//! who then cannot; solve for what these pay; repeat until none is added, at most once a node.
//!
//! Labs owe nothing to each other, so that one default sets off another only through what clouds and lenders lose. c is
//! `rounds.commitment_claim_share`, resale `rounds.resale_share`; what is not paid is written off.

use crate::mechanisms::compute::STAGES;
use crate::scenario::parameters::MAX_LABS;
use crate::step::Context;
use crate::step::labs::plan::left_usd;
use crate::units::Usd;
use crate::world::ledger::{Flow, Sector};
use crate::world::{Clearing, World, refill};

/// Relative size below which a shortfall is rounding.
const ROUNDING: f64 = 1e-12;

/// Clearing payments of `n` nodes: `obligations[i * n + j]` is what i owes j and `assets[i]` what i holds besides, both USD.
pub fn clearing_vector(obligations: &[f64], assets: &[f64]) -> Vec<f64> {
    let mut c = Clearing { obligations: obligations.to_vec(), assets: assets.to_vec(), ..Clearing::default() };
    clear(&mut c);
    c.paid
}

/// Writes the clearing payments of the nodes whose obligations and assets stand in the buffers.
fn clear(c: &mut Clearing) {
    let Clearing { obligations, assets, owed, paid, fails, failed, matrix, right } = c;
    let n = assets.len();
    owed.clear();
    owed.extend((0..n).map(|i| obligations[i * n..(i + 1) * n].iter().sum::<f64>()));
    let share = |i: usize, j: usize| if owed[i] > 0.0 { obligations[i * n + j] / owed[i] } else { 0.0 };
    paid.clone_from(owed);
    refill(fails, n, false);
    loop {
        let mut more = false;
        for i in 0..n {
            let holds = assets[i] + (0..n).map(|j| paid[j] * share(j, i)).sum::<f64>();
            if !fails[i] && holds < owed[i] * (1.0 - ROUNDING) {
                fails[i] = true;
                more = true;
            }
        }
        if !more {
            return;
        }
        // Who fails pays all that it holds: p_i − Σ_fails p_j·share_ji = e_i + Σ_sound owed_j·share_ji.
        failed.clear();
        failed.extend((0..n).filter(|&i| fails[i]));
        let m = failed.len();
        refill(matrix, m * m, 0.0);
        refill(right, m, 0.0);
        for (a, &i) in failed.iter().enumerate() {
            right[a] = assets[i] + (0..n).filter(|&j| !fails[j]).map(|j| owed[j] * share(j, i)).sum::<f64>();
            for (b, &j) in failed.iter().enumerate() {
                matrix[a * m + b] = if a == b { 1.0 } else { 0.0 } - share(j, i);
            }
        }
        solve(matrix, right);
        for (a, &i) in failed.iter().enumerate() {
            paid[i] = right[a].clamp(0.0, owed[i]);
        }
    }
}

/// Solves a square system in place by Gaussian elimination with partial pivoting; the solution stands in `right`. A ring of
/// debtors without any assets leaves a pivot of zero: it pays nothing.
fn solve(matrix: &mut [f64], right: &mut [f64]) {
    let m = right.len();
    for column in 0..m {
        let pivot = (column..m)
            .max_by(|&a, &b| matrix[a * m + column].abs().total_cmp(&matrix[b * m + column].abs()))
            .unwrap_or(column);
        for k in 0..m {
            matrix.swap(column * m + k, pivot * m + k);
        }
        right.swap(column, pivot);
        let head = matrix[column * m + column];
        if head.abs() < ROUNDING {
            continue;
        }
        for row in column + 1..m {
            let factor = matrix[row * m + column] / head;
            for k in column..m {
                matrix[row * m + k] -= factor * matrix[column * m + k];
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..m).rev() {
        let rest: f64 = (row + 1..m).map(|k| matrix[row * m + k] * right[k]).sum();
        let head = matrix[row * m + row];
        right[row] = if head.abs() < ROUNDING { 0.0 } else { (right[row] - rest) / head };
    }
}

/// Settles all labs whose time of grace is over in this step, together.
pub fn settle_defaults(world: &mut World, ctx: &Context) {
    let grace = ctx.parameters.rounds.grace_months;
    let labs = &world.labs;
    let over = |i: usize| labs.alive[i] && !labs.division[i] && labs.distress_months[i] > grace;
    let mut failed = [false; MAX_LABS];
    (0..world.dims.labs).for_each(|i| failed[i] = over(i));
    settle(world, ctx, &failed);
}

/// Defaults one lab, whatever its state.
pub fn default(world: &mut World, ctx: &Context, lab: usize) {
    let mut failed = [false; MAX_LABS];
    failed[lab] = true;
    settle(world, ctx, &failed);
}

/// Sells what these labs have and clears what they owe: to clouds for what they had committed, to lenders, the last node, and nothing to each other.
fn settle(world: &mut World, ctx: &Context, failed: &[bool; MAX_LABS]) {
    let p = ctx.parameters;
    let labs = || (0..MAX_LABS).filter(|&i| failed[i]);
    let (m, c) = (labs().count(), world.dims.clouds);
    let n = m + c + 1;
    let claimed = if p.mechanisms.commitment_claims { p.rounds.commitment_claim_share } else { 0.0 };
    let mut clearing = std::mem::take(&mut world.clearing);
    refill(&mut clearing.obligations, n * n, 0.0);
    refill(&mut clearing.assets, n, 0.0);
    for (a, i) in labs().enumerate() {
        liquidate(world, ctx, i);
        let account = world.ledger.lab(i);
        for k in 0..c {
            clearing.obligations[a * n + m + k] = claimed * left_usd(world, ctx, i, k);
        }
        clearing.obligations[a * n + n - 1] = world.ledger.debt(account).value();
        clearing.assets[a] = world.ledger.cash(account).value();
    }
    clear(&mut clearing);
    for (a, i) in labs().enumerate() {
        let (owed, paid) = (clearing.owed[a], clearing.paid[a]);
        let part = |claim: f64| if owed > 0.0 { (claim / owed * paid).min(claim) } else { 0.0 };
        let account = world.ledger.lab(i);
        for k in 0..c {
            let claim = clearing.obligations[a * n + m + k];
            let cloud = world.ledger.cloud(k);
            world.ledger.pay(account, cloud, Usd(part(claim)), Flow::Current);
            world.capital.lost_claims_usd[k] += left_usd(world, ctx, i, k) - part(claim);
        }
        wind_up(world, i, part(clearing.obligations[a * n + n - 1]));
    }
    world.clearing = clearing;
}

/// Turns what a lab has into cash. Bills that it could not pay were paid on credit, which makes the lenders its creditors;
/// buyers outside the scenario take its compute at a part of its book value, and the rest is written off.
fn liquidate(world: &mut World, ctx: &Context, i: usize) {
    let account = world.ledger.lab(i);
    let cash = world.ledger.cash(account).value();
    if cash < 0.0 {
        let lenders = world.ledger.sector(Sector::Lenders);
        world.ledger.pay(lenders, account, Usd(-cash), Flow::Loan);
    }
    let book = world.ledger.capital(account);
    let buyers = world.ledger.sector(Sector::RestOfWorld);
    world.ledger.pay(buyers, account, book * ctx.parameters.rounds.resale_share, Flow::Capital);
    world.ledger.depreciate(account, book);
}

/// Pays creditors, cancels what is left of the debt, gives owners what is left of the assets, and ends the lab.
fn wind_up(world: &mut World, i: usize, paid: f64) {
    let account = world.ledger.lab(i);
    let lenders = world.ledger.sector(Sector::Lenders);
    world.ledger.pay(account, lenders, Usd(paid), Flow::Repayment);
    world.ledger.cancel_debt(account);
    let left = world.ledger.cash(account).value();
    if left > 0.0 {
        distribute(world, i, left);
    }
    let (c, v) = (world.dims.clouds, world.dims.investors);
    for group in 0..=c {
        let open = std::mem::take(&mut world.capital.credits_usd[i * (c + 1) + group]);
        let provider = if group < c { world.ledger.cloud(group) } else { world.ledger.sector(Sector::Suppliers) };
        world.ledger.forfeit_prepaid(account, provider, Usd(open));
    }
    world.capital.pledged_usd[i * c..(i + 1) * c].fill(0.0);
    world.capital.exclusive[i * c..(i + 1) * c].fill(0.0);
    world.capital.unused_usd[i] = 0.0;
    world.capital.listed[i] = false;
    for stake in &mut world.investors.stake[i * v..(i + 1) * v] {
        *stake = 0.0;
    }
    for stake in &mut world.investors.cloud_stake[i * c..(i + 1) * c] {
        *stake = 0.0;
    }
    let labs = &mut world.labs;
    labs.alive[i] = false;
    labs.defaulted[i] = true;
    labs.sells[i] = false;
    for column in [
        &mut labs.valuation_usd,
        &mut labs.owned_h100e,
        &mut labs.rented_h100e,
        &mut labs.run_rate_usd,
        &mut labs.budget_usd,
        &mut labs.burn_usd,
        &mut labs.runway_months,
        &mut labs.outside_control,
    ] {
        column[i] = 0.0;
    }
    for column in [&mut labs.commitments_usd, &mut labs.commitments_paid_usd, &mut labs.rented_by_cloud_h100e] {
        column[i * c..(i + 1) * c].fill(0.0);
    }
    labs.ordered_h100e[i * STAGES..(i + 1) * STAGES].fill(0.0);
}

/// What is left after all debts goes to the owners: investors and clouds by their shares, founders and others the rest.
fn distribute(world: &mut World, i: usize, left: f64) {
    let account = world.ledger.lab(i);
    let (c, v) = (world.dims.clouds, world.dims.investors);
    let mut rest = left;
    for at in 0..v + c {
        let (stake, owner) = if at < v {
            (world.investors.stake[i * v + at], world.ledger.investor(at))
        } else {
            (world.investors.cloud_stake[i * c + at - v], world.ledger.cloud(at - v))
        };
        let part = (left * stake).min(rest);
        world.ledger.pay(account, owner, Usd(part), Flow::Distribution);
        rest -= part;
    }
    let others = world.ledger.sector(Sector::RestOfWorld);
    world.ledger.pay(account, others, Usd(rest.max(0.0)), Flow::Distribution);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::capital::fixture;
    use proptest::prelude::*;

    #[test]
    fn debtors_who_can_pay_pay_in_full() {
        assert_eq!(clearing_vector(&[0.0, 5.0, 3.0, 0.0], &[2.0, 0.0]), vec![5.0, 3.0]);
    }

    #[test]
    fn a_debtor_who_cannot_pay_gives_all_it_has_pro_rata() {
        // 0 owes 1 and 2 each 10 and holds 8: it pays 8, of which each gets 4.
        let paid = clearing_vector(&[0.0, 10.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], &[8.0, 0.0, 0.0]);
        assert_eq!(paid, vec![8.0, 0.0, 0.0]);
    }

    #[test]
    fn a_default_sets_off_another_and_both_clear_as_worked_by_hand() {
        // 0 owes 1 ten and holds 4; 1 owes 2 eight and holds 1: 0 pays 4, so 1 has 5 of the 8 that it owes.
        let mut l = [0.0; 9];
        l[1] = 10.0;
        l[5] = 8.0;
        assert_eq!(clearing_vector(&l, &[4.0, 1.0, 0.0]), vec![4.0, 5.0, 0.0]);
    }

    #[test]
    fn two_who_owe_each_other_and_a_third_clear_at_the_closed_form() {
        // p0 = 1 + p1/2, p1 = 1 + p0/2, each owing 4 (half to the other): p = 2 each.
        let l = [0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 0.0, 0.0, 0.0];
        let paid = clearing_vector(&l, &[1.0, 1.0, 0.0]);
        assert!((paid[0] - 2.0).abs() < 1e-12 && (paid[1] - 2.0).abs() < 1e-12 && paid[2] == 0.0);
    }

    proptest! {
        #[test]
        fn clearing_payments_solve_their_fixed_point(
            n in 1usize..6, draws in prop::collection::vec(0.0f64..10.0, 36), held in prop::collection::vec(0.1f64..10.0, 6),
        ) {
            let mut l = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    if i != j {
                        l[i * n + j] = draws[i * 6 + j];
                    }
                }
            }
            let paid = clearing_vector(&l, &held[..n]);
            for i in 0..n {
                let owed: f64 = l[i * n..(i + 1) * n].iter().sum();
                let holds: f64 = held[i] + (0..n).map(|j| {
                    let o: f64 = l[j * n..(j + 1) * n].iter().sum();
                    if o > 0.0 { paid[j] * l[j * n + i] / o } else { 0.0 }
                }).sum::<f64>();
                prop_assert!((paid[i] - owed.min(holds)).abs() < 1e-9 * (1.0 + owed), "{} {} {}", paid[i], owed, holds);
            }
        }
    }

    #[test]
    fn a_default_pays_the_lenders_what_the_compute_fetches_and_cancels_the_rest() {
        let p = fixture::parameters(2, 1);
        let mut world = fixture::world(&p);
        let account = world.ledger.lab(0);
        let lenders = world.ledger.sector(Sector::Lenders);
        world.ledger.open(account, Usd::ZERO, Usd::ZERO, Usd(1e9));
        world.ledger.begin_step();
        let staff = world.ledger.sector(Sector::Staff);
        let cash = world.ledger.cash(account).value();
        world.ledger.pay(account, staff, Usd(cash + 30.0), Flow::Current);
        let before = world.ledger.cash(lenders).value();
        let debt = world.ledger.debt(account).value();
        let capital = world.ledger.capital(account).value();
        default(&mut world, &fixture::context(&p, 0), 0);
        // Lenders gave 30 for open bills, and get 0.4 of the book value of the compute.
        assert!((world.ledger.cash(lenders).value() - (before - 30.0 + 0.4 * capital)).abs() < 1e-6 * capital);
        assert!(0.4 * capital < debt + 30.0);
        assert_eq!(world.ledger.debt(account), Usd::ZERO);
        assert_eq!(world.ledger.cash(account), Usd::ZERO);
        assert!(!world.labs.alive[0] && world.labs.defaulted[0] && !world.labs.sells[0]);
        assert_eq!(world.ledger.check(), Ok(()));
    }

    #[test]
    fn clouds_claim_beside_lenders_and_all_get_the_same_part() {
        let mut p = fixture::parameters(2, 1);
        let live = |p: &crate::scenario::Parameters| {
            let mut world = fixture::world(p);
            world.ledger.begin_step();
            let (account, staff) = (world.ledger.lab(0), world.ledger.sector(Sector::Staff));
            let cash = world.ledger.cash(account);
            world.ledger.pay(account, staff, cash, Flow::Current);
            world.labs.commitments_usd[0] = 10e9;
            world.labs.commitments_paid_usd[0] = 4e9;
            world.capital.pledged_usd[1] = 1e9;
            let debt = world.ledger.debt(account).value();
            let assets = 0.4 * world.ledger.capital(account).value();
            default(&mut world, &fixture::context(p, 0), 0);
            assert_eq!(world.ledger.check(), Ok(()));
            let got = [0, 1].map(|k| world.ledger.cash(world.ledger.cloud(k)).value());
            (got, debt, assets, world.capital.lost_claims_usd.clone())
        };
        let (got, debt, assets, lost) = live(&p);
        let claims = [0.3 * 6e9, 0.3 * 1e9];
        let part = assets / (debt + claims[0] + claims[1]);
        assert!(part < 1.0);
        for k in 0..2 {
            assert!((got[k] - part * claims[k]).abs() < 1.0);
            assert!((lost[k] - (claims[k] / 0.3 - got[k])).abs() < 1.0);
        }
        p.mechanisms.commitment_claims = false;
        assert_eq!(live(&p).0, [0.0, 0.0]);
    }

    #[test]
    fn compute_paid_for_ahead_is_lost_with_the_lab() {
        let p = fixture::parameters(2, 1);
        let mut world = fixture::world(&p);
        world.ledger.begin_step();
        let (account, cloud) = (world.ledger.lab(0), world.ledger.cloud(1));
        world.ledger.pay(account, cloud, Usd(2e9), Flow::Prepayment);
        world.capital.credits_usd[1] = 2e9;
        default(&mut world, &fixture::context(&p, 0), 0);
        assert_eq!((world.ledger.prepaid(account), world.capital.credits_usd[1]), (Usd::ZERO, 0.0));
        assert_eq!(world.ledger.check(), Ok(()));
    }

    #[test]
    fn owners_of_a_lab_that_covers_its_debts_get_the_rest() {
        let p = fixture::parameters(2, 1);
        let mut world = fixture::world(&p);
        world.ledger.begin_step();
        let account = world.ledger.lab(0);
        let held: f64 = world.investors.stake[..world.dims.investors].iter().sum();
        let left = world.ledger.cash(account).value() + 0.4 * world.ledger.capital(account).value()
            - world.ledger.debt(account).value();
        assert!(left > 0.0 && held > 0.3);
        let before: f64 = (0..world.dims.investors).map(|v| world.ledger.cash(world.ledger.investor(v)).value()).sum();
        default(&mut world, &fixture::context(&p, 0), 0);
        let after: f64 = (0..world.dims.investors).map(|v| world.ledger.cash(world.ledger.investor(v)).value()).sum();
        assert!(((after - before) / (held * left) - 1.0).abs() < 1e-9);
        assert_eq!(world.ledger.check(), Ok(()));
    }
}
