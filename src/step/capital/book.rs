//! The book of a lab: who would give how much for its shares, from the highest valuation down (section 3.13).
//!
//! Opinions last, so that the order within a kind is that of the start, and only kinds move against each other. A book is read from the top
//! and most fill long before their end: what investors further down would give is never asked.

use std::ops::Range;

use super::ln_premium;
use crate::mechanisms::environment::BOOM;
use crate::mechanisms::investors::{Bid, Deal, Offer, clear_book, limit_usd, ln_price, marginal_price};
use crate::step::Context;
use crate::world::World;
use crate::world::capital::NOBODY;
use crate::world::investors::{Appraisal, Queue};
use crate::world::ledger::Ledger;

/// Puts the investors of each kind in the order of their opinions about each lab, ties by index. Divisions have no book, and money stays
/// within its bloc.
pub fn rank(world: &mut World) {
    let v = world.dims.investors;
    let w = &mut world.investors;
    for i in (0..world.dims.labs).filter(|&i| !world.labs.division[i]) {
        let (order, opinion) = (&mut w.by_opinion[i * v..(i + 1) * v], &w.opinion[i * v..(i + 1) * v]);
        for k in (0..world.dims.kinds).filter(|&k| w.kind_bloc[k] == w.lab_bloc[i]) {
            let members = w.first[k]..w.first[k + 1];
            let kind = &mut order[members.clone()];
            kind.iter_mut().zip(members).for_each(|(place, at)| *place = at);
            kind.sort_unstable_by(|a, b| opinion[*b].total_cmp(&opinion[*a]).then(a.cmp(b)));
        }
    }
}

/// Clears the book of a lab for an offer at values lower by a discount in ln. After a deal the bids that it took are those that take part.
pub fn clear(world: &mut World, ctx: &Context, i: usize, discount: f64, offer: &Offer) -> Option<Deal> {
    let mut queues = std::mem::take(&mut world.investors.queues);
    let mut taken = std::mem::take(&mut world.investors.taken);
    let deal = clear_book(Book::open(world, ctx, i, discount, &mut queues), &mut taken, offer);
    (world.investors.queues, world.investors.taken) = (queues, taken);
    deal
}

/// Price at which the book of a lab takes the share `share` of it.
pub fn price_of_share(world: &mut World, ctx: &Context, i: usize, share: f64) -> Option<f64> {
    let mut queues = std::mem::take(&mut world.investors.queues);
    let price = marginal_price(Book::open(world, ctx, i, 0.0, &mut queues), share);
    world.investors.queues = queues;
    price
}

/// What the groups would give for shares of a lab where they bargain.
pub fn groups<'a>(world: &'a World, ctx: &'a Context, i: usize) -> impl Iterator<Item = Bid> + 'a {
    let bidders = Bidders::of(world, ctx, i);
    kinds(world, ctx, i, 0.0).flat_map(move |(appraisal, members)| {
        let groups = members.filter(move |&at| bidders.group[at] != NOBODY);
        groups.map(move |at| bidders.bid(at, appraisal)).filter(|bid| bid.limit_usd > 0.0)
    })
}

/// What each kind whose money may go to a lab makes of it, less a discount in ln, and who belongs to the kind.
fn kinds<'a>(
    world: &'a World,
    ctx: &'a Context,
    i: usize,
    discount: f64,
) -> impl Iterator<Item = (Appraisal, Range<usize>)> + 'a {
    let (p, w) = (ctx.parameters, &world.investors);
    let ln_market = ln_price(world.labs.valuation_usd[i]) - discount;
    let fitting = (0..world.dims.kinds).filter(move |&k| w.kind_bloc[k] == w.lab_bloc[i]);
    fitting.map(move |k| {
        let ln_value = ln_market + ln_premium(world, ctx, i, k);
        let concentration = p.investors[k].values.concentration_limit * p.rounds.concentration_scale;
        (Appraisal { ln_value, concentration }, w.first[k]..w.first[k + 1])
    })
}

/// What bids on a lab depend on besides the kind of the investor.
#[derive(Clone, Copy)]
struct Bidders<'a> {
    ledger: &'a Ledger,
    opinion: &'a [f64],
    by_opinion: &'a [usize],
    group: &'a [usize],
    disagreement: f64,
    soft: f64,
    groups_bargain: bool,
}

impl<'a> Bidders<'a> {
    fn of(world: &'a World, ctx: &Context, i: usize) -> Bidders<'a> {
        let (p, w, v) = (ctx.parameters, &world.investors, world.dims.investors);
        Bidders {
            ledger: &world.ledger,
            opinion: &w.opinion[i * v..(i + 1) * v],
            by_opinion: &w.by_opinion[i * v..(i + 1) * v],
            group: &w.group_cloud,
            disagreement: p.valuation.disagreement_sd,
            soft: if world.environment.climate == BOOM { p.rounds.concentration_boom } else { 1.0 },
            groups_bargain: p.mechanisms.strategic_terms,
        }
    }

    /// What an investor gives whose kind makes this of the lab.
    fn bid(&self, investor: usize, appraisal: Appraisal) -> Bid {
        let cash = self.ledger.cash(self.ledger.investor(investor)).value();
        Bid {
            investor,
            ln_value: appraisal.ln_value + self.disagreement * self.opinion[investor],
            limit_usd: limit_usd(cash, appraisal.concentration, self.soft),
        }
    }

    /// Brings the next who has something to give to the head of a queue. Whether there is one.
    fn move_up(&self, queue: &mut Queue) -> bool {
        while queue.rest.0 < queue.rest.1 {
            // Where all are of one opinion the index decides.
            let investor = if self.disagreement > 0.0 { self.by_opinion[queue.rest.0] } else { queue.rest.0 };
            queue.rest.0 += 1;
            if self.groups_bargain && self.group[investor] != NOBODY {
                continue;
            }
            queue.next = self.bid(investor, queue.appraisal);
            if queue.next.limit_usd > 0.0 {
                return true;
            }
        }
        false
    }
}

/// The bids of all who have something to give, from the highest valuation down, ties by index. Where groups bargain they do not join.
struct Book<'a> {
    bidders: Bidders<'a>,
    queues: &'a mut Vec<Queue>,
}

impl<'a> Book<'a> {
    /// `queues` is scratch.
    fn open(world: &'a World, ctx: &Context, i: usize, discount: f64, queues: &'a mut Vec<Queue>) -> Book<'a> {
        let bidders = Bidders::of(world, ctx, i);
        queues.clear();
        for (appraisal, members) in kinds(world, ctx, i, discount) {
            let mut queue = Queue { appraisal, next: Bid::default(), rest: (members.start, members.end) };
            if bidders.move_up(&mut queue) {
                queues.push(queue);
            }
        }
        Book { bidders, queues }
    }
}

impl Iterator for Book<'_> {
    type Item = Bid;

    fn next(&mut self) -> Option<Bid> {
        // Of equals the kind that stands first: so do its investors.
        let heads = self.queues.iter().map(|queue| queue.next.ln_value).enumerate();
        let (highest, _) = heads.reduce(|best, head| if head.1 > best.1 { head } else { best })?;
        let queue = &mut self.queues[highest];
        let bid = queue.next;
        if !self.bidders.move_up(queue) {
            self.queues.remove(highest);
        }
        Some(bid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::capital::fixture;

    /// All bids on a lab, as a book reads them.
    fn read(world: &World, ctx: &Context, lab: usize) -> Vec<Bid> {
        Book::open(world, ctx, lab, 0.0, &mut Vec::new()).collect()
    }

    #[test]
    fn a_book_is_read_in_the_order_of_a_full_sort() {
        let mut p = fixture::parameters(3, 3);
        // Without disagreement all of a kind are alike, and without premiums all kinds.
        for (sd, terms, premium) in [(0.2, true, 0.1), (0.2, false, 0.1), (0.0, true, 0.1), (0.0, true, 0.0)] {
            for (k, kind) in p.investors.iter_mut().enumerate() {
                kind.values.multiple_premium = premium * k as f64;
            }
            p.valuation.disagreement_sd = sd;
            p.mechanisms.strategic_terms = terms;
            let (mut world, ctx) = (fixture::world(&p), fixture::context(&p, 0));
            // Of each kind some have nothing to give.
            let poor = |at: usize| at % 7 == 3;
            (0..world.dims.investors).filter(|&at| poor(at)).for_each(|at| drain(&mut world, at));
            for lab in 0..3 {
                let w = &world.investors;
                let joins = |at: &usize| {
                    let fits = w.kind_bloc[w.kind[*at]] == w.lab_bloc[lab];
                    fits && !poor(*at) && !(terms && w.group_cloud[*at] != NOBODY)
                };
                let value = |at: usize| {
                    let premium = ln_premium(&world, &ctx, lab, w.kind[at]);
                    ln_price(world.labs.valuation_usd[lab]) + premium + sd * w.opinion[lab * w.kind.len() + at]
                };
                let mut sorted: Vec<usize> = (0..w.kind.len()).filter(joins).collect();
                sorted.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
                let bids = read(&world, &ctx, lab);
                assert_eq!(bids.iter().map(|bid| bid.investor).collect::<Vec<_>>(), sorted);
                assert!(bids.iter().all(|bid| bid.limit_usd > 0.0 && bid.ln_value == value(bid.investor)));
            }
        }
    }

    /// Takes all its cash from an investor.
    fn drain(world: &mut World, investor: usize) {
        let account = world.ledger.investor(investor);
        let all = world.ledger.cash(account);
        let elsewhere = world.ledger.sector(crate::world::ledger::Sector::RestOfWorld);
        world.ledger.pay(account, elsewhere, all, crate::world::ledger::Flow::Current);
    }

    #[test]
    fn a_book_in_which_nobody_has_money_makes_no_deal() {
        let p = fixture::parameters(1, 2);
        let mut world = fixture::world(&p);
        (0..world.dims.investors).for_each(|at| drain(&mut world, at));
        let ctx = fixture::context(&p, 0);
        let offer = Offer {
            need_usd: 1.0,
            dilution_min: 0.0,
            dilution_max: 0.5,
            partial_min: 0.0,
            ln_reserve: f64::NEG_INFINITY,
        };
        assert_eq!(clear(&mut world, &ctx, 0, 0.0, &offer), None);
        assert_eq!(price_of_share(&mut world, &ctx, 0, 0.01), None);
    }

    #[test]
    fn who_has_no_money_left_does_not_join() {
        let p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        let ctx = fixture::context(&p, 0);
        let first = read(&world, &ctx, 0)[0].investor;
        drain(&mut world, first);
        let bids = read(&world, &ctx, 0);
        assert_eq!(bids.len(), world.dims.investors - 1);
        assert!(bids.iter().all(|bid| bid.investor != first));
    }
}
