//! The month of the enterprises: workloads adopt, contracts end, vendors are chosen, spend follows.
//!
//! ```text
//! visits     a workload whose contract ends, is reopened or is lost, or whose clock has run out (`adoption`)
//! contract   signed in m it ends in m + term; of public buyers at the first tender from then on (`government`)
//! volume     base = S_w·weight·(1 + tenure + half a contract)^θ                 laid down when a contract is signed (`spend`)
//! tier       the light one with the probability of the menu (`choice`)
//! sources    (1 − s)·base to the winner, s·base to the runner-up of the race, where a firm orchestrates (`orchestration`)
//! switching  r ← r + (switched/adopted/dt − r)·min(1, dt/elapsed)               1/yr; elapsed since the start, at most a year
//! ```
//!
//! Only workloads with something to decide are visited: those whose contract ends, from a calendar, and
//! those whose threshold of adoption the cumulative hazard of their group has passed. What the rest spends
//! follows from sums over what they hold. A contract with a vendor that can no longer be had ends at once. All choose on what firms held the
//! month before. A second source counts as spend and not as a vendor that the firm holds.
//!
//! Contracts that end one after the other: Taylor (1980), Aggregate dynamics and staggered contracts; the rest is our own.

mod bans;
pub(in crate::step) mod holdings;
pub(in crate::step) mod shocks;
pub(in crate::step) mod totals;
pub(in crate::step) mod utility;

pub use shocks::apply as apply_shocks;
pub use totals::upgrade;
pub(crate) use utility::published_cost_ratio;

use crate::math::exp;
use crate::math::kernels::{MAX_HELD, Request, Weights, race, race_for_two};
use crate::mechanisms::adoption;
use crate::mechanisms::antitrust::opened;
use crate::mechanisms::choice::switching_costs;
use crate::mechanisms::orchestration::{cost_left, share_of_users};
use crate::random::{Purpose, beside, unit_interval};
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::Context;
use crate::step::government::Calendar;
use crate::world::World;
use crate::world::enterprises::{Enterprises, Firm, NONE, PARTS, Scratch, Segment, Source};
use crate::world::regulators::Regulators;

/// Lets workloads adopt and choose, and fills `world.demand`.
pub fn decide(world: &mut World, ctx: &Context) {
    let offers = utility::offers(world, ctx.parameters);
    utility::refresh(world, ctx, &offers);
    holdings::lay_tenure_table(&mut world.enterprises.tenure, ctx.parameters);
    world.enterprises.counts.switched = 0;

    let mut scratch = std::mem::take(&mut world.enterprises.scratch);
    scratch.deciding.clear();
    scratch.months.clear();
    if ctx.parameters.mechanisms.adoption {
        adopt(world, ctx, &mut scratch);
    }
    contracts_that_end(world, ctx, &mut scratch);
    choose(world, ctx, &mut scratch);
    world.enterprises.scratch = scratch;

    utility::remember(world, &offers);
    totals::fill(world, ctx, offers);
}

/// Adds the workloads that adopt this month.
fn adopt(world: &mut World, ctx: &Context, scratch: &mut Scratch) {
    let p = ctx.parameters;
    let fall = adoption::price_fall(world.demand.reference_price_usd, world.demand.mean_price_usd);
    let calendar = Calendar::of(&world.government, p);
    let first = ctx.month.0 - ctx.months + 1;
    let e = &mut world.enterprises;
    for group in 0..e.hazard.len() {
        let (firms, adopted) = (e.counts.firms[group], e.counts.adopted[group]);
        if e.clock_next[group] == e.clock_end[group] {
            continue;
        }
        let jurisdiction = (group / WORKLOAD_COUNT) % world.dims.jurisdictions;
        let factor = p.jurisdictions[jurisdiction].values.adoption_factor;
        let share = adopted as f64 / firms.max(1) as f64;
        let before = e.hazard[group];
        e.hazard[group] += adoption::step_hazard(&p.adoption, share, fall, factor, ctx.dt);
        let reached = e.hazard[group] as f32;
        // Public buyers that want to adopt wait for their tender.
        let sector = group / WORKLOAD_COUNT / world.dims.jurisdictions;
        let open = calendar.open_from(sector, jurisdiction, first);
        while e.clock_next[group] < e.clock_end[group] {
            let entry = e.clock[e.clock_next[group] as usize];
            let threshold = f32::from_bits((entry >> 32) as u32);
            if threshold > reached {
                break;
            }
            if open <= ctx.month.0 {
                // The hazard grows evenly over the step: contracts are dated by the month in which it passes the threshold.
                let part = (f64::from(threshold) - before) / (e.hazard[group] - before);
                let months = ctx.months;
                let lived = ((part * f64::from(months)) as i32).clamp(0, months - 1);
                scratch.deciding.push(entry as u32);
                scratch.months.push((first + lived).max(open));
            } else {
                e.calendar.put(entry as u32, open);
            }
            e.clock_next[group] += 1;
        }
    }
}

/// Adds the workloads whose contract ends in the months of this step.
fn contracts_that_end(world: &mut World, ctx: &Context, scratch: &mut Scratch) {
    for month in ctx.month.0 - ctx.months + 1..=ctx.month.0 {
        let before = scratch.deciding.len();
        world.enterprises.calendar.take_due(month, &mut scratch.deciding);
        if !ctx.parameters.mechanisms.adoption {
            put_off_adoption(world, ctx, &mut scratch.deciding, before);
        }
        scratch.months.resize(scratch.deciding.len(), month);
    }
}

/// Takes those who have not adopted out of the workloads from `first` on: who waits for a tender to adopt waits for the next one.
fn put_off_adoption(world: &mut World, ctx: &Context, deciding: &mut Vec<u32>, first: usize) {
    let calendar = Calendar::of(&world.government, ctx.parameters);
    let e = &mut world.enterprises;
    let mut kept = first;
    for at in first..deciding.len() {
        let k = deciding[at];
        if e.workload[k as usize].adopted_month == i32::MAX {
            let segment = &e.firm[k as usize / WORKLOAD_COUNT].segment;
            let (s, g) = (usize::from(segment.sector), usize::from(segment.jurisdiction));
            e.calendar.put(k, calendar.again(s, g, ctx.month.0));
        } else {
            deciding[kept] = k;
            kept += 1;
        }
    }
    deciding.truncate(kept);
}

/// Lets the workloads of `scratch.deciding` choose, on what all firms held before the month.
fn choose(world: &mut World, ctx: &Context, scratch: &mut Scratch) {
    let ease = Ease::of(ctx, &world.regulators, 1.0);
    let routing = ctx.parameters.mechanisms.orchestration && world.tools.orchestrate > 0.0;
    let platforms = &ctx.parameters.orchestration;
    let eased = Ease::of(ctx, &world.regulators, cost_left(platforms.switching_cost_cut));
    let users = share_of_users(world.tools.orchestrate, world.demand.multi_model_share);
    let e = &world.enterprises;
    scratch.draw_for(&e.key);
    let Scratch { firms, workloads, noise, .. } = scratch;
    ctx.draws.fill_bits(e.level, Purpose::Choice, firms, workloads, ctx.month.0, noise);
    let Scratch { deciding, months, noise, requests, .. } = scratch;
    fetch(e, deciding);
    requests.clear();
    requests.extend(deciding.iter().zip(&*months).zip(&*noise).map(|((&k, &month), &noise)| {
        let (i, w) = (k as usize / WORKLOAD_COUNT, k as usize % WORKLOAD_COUNT);
        // In a longer step some decide before its last month, for which all were drawn together.
        let noise =
            if month == ctx.month.0 { noise } else { ctx.draws.bits(Purpose::Choice, e.key[i], w as u64, month) };
        let (firm, vendors) = (&e.firm[i], e.vendors(i));
        let routed = routing & (firm.reluctance < users) & use_several(vendors);
        let ease = if routed { &eased } else { &ease };
        let (held, ease) = ease.held(vendors, w, &world.regulators, usize::from(firm.segment.jurisdiction));
        Request { held, ease, routed, ..request(&world.dims, firm, k, noise) }
    }));
    scratch.winners.clear();
    scratch.winners.resize(scratch.requests.len(), NONE);
    if routing {
        scratch.seconds.clear();
        scratch.seconds.resize(scratch.requests.len(), NONE);
        race_for_two(e.level, weights(e), &scratch.requests, &mut scratch.winners, &mut scratch.seconds);
    } else {
        race(e.level, weights(e), &scratch.requests, &mut scratch.winners);
    }
    // Who knows nobody that would serve looks at all there are.
    for (request, winner) in scratch.requests.iter_mut().zip(&mut scratch.winners) {
        if *winner == NONE {
            request.known = world.dims.sectors as u32;
            race(e.level, weights(e), std::slice::from_ref(request), std::slice::from_mut(winner));
        }
    }

    sign(world, ctx, scratch);
}

/// Makes the workloads of `scratch.requests` hold whom they chose, until their contracts end.
fn sign(world: &mut World, ctx: &Context, scratch: &Scratch) {
    let contract = (ctx.parameters.demand.contract_months as i32).max(1);
    let grows = ctx.parameters.mechanisms.spend_growth;
    let second_share = ctx.parameters.orchestration.second_source_share;
    let alternatives = world.dims.alternatives;
    let calendar = Calendar::of(&world.government, ctx.parameters);
    let e = &mut world.enterprises;
    let decisions = scratch.requests.iter().zip(&scratch.months).zip(&scratch.winners);
    for (n, ((request, &month), &vendor)) in decisions.enumerate() {
        let k = request.workload();
        let w = k as usize % WORKLOAD_COUNT;
        let (firm, workload) = (&e.firm[k as usize / WORKLOAD_COUNT], &mut e.workload[k as usize]);
        let (s, g) = (usize::from(firm.segment.sector), usize::from(firm.segment.jurisdiction));
        let (mut first, mut second) = (Source::NONE, Source::NONE);
        let end = if vendor == NONE {
            // Nobody can serve it: it stays without, and looks again in the next step or tender.
            calendar.again(s, g, ctx.month.0)
        } else {
            let light = &e.light[w * alternatives..(w + 1) * alternatives];
            let bits = beside(request.noise, Purpose::TierChoice);
            let tier = u8::from(unit_interval(bits) < f64::from(light[usize::from(vendor)]));
            if workload.adopted_month == i32::MAX {
                workload.adopted_month = month;
            }
            let usd = if grows {
                workload.volume * e.tenure.at(month - workload.adopted_month)
            } else {
                let before = workload.first().usd() + workload.second().usd();
                if before == 0.0 { workload.volume * e.tenure.at(0) } else { before }
            };
            let before = workload.first().vendor();
            // Without a branch: who switches nobody can foresee.
            e.counts.switched += firm.parts * u64::from((before != NONE) & (before != vendor));
            first = Source::new(vendor, tier, usd);
            if request.routed {
                second = match scratch.seconds[n] {
                    NONE => first.with(0),
                    vendor => {
                        // Simple requests go to the second source, on its cheaper tier where it sells one.
                        let tier = u8::from(light[usize::from(vendor)] > 0.0);
                        first = first.with_usd((1.0 - second_share) * usd);
                        Source::new(vendor, tier, second_share * usd)
                    }
                };
            }
            calendar.end(s, g, ctx.month.0, month, contract)
        };
        holdings::hold(e, &world.dims, k, first, second);
        e.calendar.put(k, end);
    }
}

/// Reads a number of each column that the choice of these workloads needs: one after the other without a branch in between, they are on
/// their way from memory at once, and at hand when they are needed.
fn fetch(e: &Enterprises, deciding: &[u32]) {
    let workloads = e.workload.as_chunks::<WORKLOAD_COUNT>().0;
    let touch = |bits: u64, &k: &u32| {
        let i = k as usize / WORKLOAD_COUNT;
        // The two ends of what is read of a firm: it stands in two lines of the cache.
        let [first, .., last] = &workloads[i];
        let held = first.adopted_month as u64 ^ last.adopted_month as u64 ^ e.calendar.due(k as usize) as u64;
        bits ^ held ^ e.firm[i].awareness ^ u64::from(e.firm[i].segment.cloud)
    };
    std::hint::black_box(deciding.iter().fold(0, touch));
}

/// Lets the share of firms that orchestrate at the start do so. What each vendor holds is observed and stays: the first contract
/// that ends brings a second source.
pub(in crate::step) fn orchestrate(world: &mut World, ctx: &Context) {
    if !ctx.parameters.mechanisms.orchestration || world.tools.orchestrate <= 0.0 {
        return;
    }
    let e = &mut world.enterprises;
    let several = e.counts.multi as f64 / e.counts.adopting.max(1) as f64;
    // No more firms can orchestrate than use several models.
    world.tools.orchestrate = world.tools.orchestrate.min(several);
    let users = share_of_users(world.tools.orchestrate, several);
    for i in 0..e.len() {
        if e.firm[i].reluctance >= users || !use_several(e.vendors(i)) {
            continue;
        }
        for k in i * WORKLOAD_COUNT..(i + 1) * WORKLOAD_COUNT {
            let first = e.workload[k].first();
            if first.vendor() != NONE {
                holdings::hold(e, &world.dims, k as u32, first, first.with(0));
            }
        }
    }
}

/// Gives the volume of every second source back to the vendor of its workload.
pub(in crate::step) fn withdraw_second_sources(world: &mut World) {
    let e = &mut world.enterprises;
    for k in 0..e.workload.len() {
        let (first, second) = (e.workload[k].first(), e.workload[k].second());
        if second.vendor() != NONE {
            let all = first.with(first.parts + second.parts);
            holdings::hold(e, &world.dims, k as u32, all, Source::NONE);
        }
    }
}

/// Whether the workloads of a firm use vendors that differ.
fn use_several([a, b, c]: [u16; WORKLOAD_COUNT]) -> bool {
    // Of two that differ, one at least is a vendor.
    // Without a branch: which of them differ nobody can foresee.
    let differ = |x: u16, y: u16| (x != y) & (x != NONE) & (y != NONE);
    differ(a, b) | differ(a, c) | differ(b, c)
}

impl Scratch {
    /// Writes who draws: the firm and the number of each workload of `deciding`.
    pub(in crate::step) fn draw_for(&mut self, keys: &[u64]) {
        self.firms.clear();
        self.workloads.clear();
        self.firms.extend(self.deciding.iter().map(|&k| keys[k as usize / WORKLOAD_COUNT]));
        self.workloads.extend(self.deciding.iter().map(|&k| u64::from(k) % WORKLOAD_COUNT as u64));
    }
}

/// Factors on the weight of vendors that a firm holds, relative to one that is new to it.
#[derive(Clone, Copy, Debug)]
struct Ease {
    /// The vendor of the workload itself.
    incumbent: f32,
    /// A vendor of another workload, for a workload that has a vendor.
    known: f32,
    /// A vendor of another workload, for a workload that has none: there is nothing to switch from.
    known_at_adoption: f32,
    /// Whether an antitrust remedy holds anywhere.
    remedies: bool,
    /// The incumbent under a remedy: leaving it is made easier.
    incumbent_opened: f32,
    /// A vendor of another workload under a remedy.
    known_opened: f32,
}

impl Ease {
    /// The factors at this part of the switching cost.
    fn of(ctx: &Context, regulators: &Regulators, left: f64) -> Ease {
        let d = &ctx.parameters.demand;
        let remedies = ctx.parameters.mechanisms.antitrust && regulators.remedy_months_left.iter().any(|&m| m > 0.0);
        if !ctx.parameters.mechanisms.switching_costs {
            return Ease {
                incumbent: 1.0,
                known: 1.0,
                known_at_adoption: 1.0,
                remedies: false,
                incumbent_opened: 1.0,
                known_opened: 1.0,
            };
        }
        let factors = |cost: f64| {
            let (workload, both) = switching_costs(cost, d.switching_cost_firm_share);
            (exp(both) as f32, exp(both - workload) as f32)
        };
        let (incumbent, firm) = factors(d.switching_cost * left);
        let (incumbent_opened, known_opened) = if remedies {
            factors(opened(d.switching_cost * left, ctx.parameters.antitrust.interoperability))
        } else {
            (incumbent, firm)
        };
        Ease { incumbent, known: firm, known_at_adoption: firm, remedies, incumbent_opened, known_opened }
    }

    /// Vendors that a firm in a jurisdiction holds, that of the workload last, and their factors.
    fn held(
        &self,
        all: [u16; WORKLOAD_COUNT],
        workload: usize,
        regulators: &Regulators,
        jurisdiction: usize,
    ) -> ([u16; MAX_HELD], [f32; MAX_HELD]) {
        // The workload's own vendor stands last, so that its factor counts where another workload uses the same.
        let [x, y, z] = all;
        let around = [x, y, z, x, y];
        let held = [around[workload + 1], around[workload + 2], around[workload]];
        let known = if held[2] == NONE { self.known_at_adoption } else { self.known };
        let mut ease = [known, known, self.incumbent];
        if self.remedies {
            let jurisdictions = regulators.regulator.len();
            let opened = [self.known_opened, self.known_opened, self.incumbent_opened];
            for ((ease, &vendor), opened) in ease.iter_mut().zip(&held).zip(opened) {
                // Open weights that a firm hosts itself stand behind the last lab, where no remedy is.
                let left = regulators.remedy_months_left.get(usize::from(vendor) * jurisdictions + jurisdiction);
                if left.is_some_and(|&months| months > 0.0) {
                    *ease = opened;
                }
            }
        }
        (held, ease)
    }
}

/// The factors of this month.
pub(in crate::step) fn weights(e: &Enterprises) -> Weights<'_> {
    Weights {
        alternatives: e.light.len() / WORKLOAD_COUNT,
        keys: &e.alternative_key,
        shared: &e.shared,
        channel: &e.channel,
        taste: &e.taste,
        known: &e.known,
    }
}

/// A request of workload `k` of a firm, as if it held nothing.
pub(in crate::step) fn request(dims: &crate::world::Dims, firm: &Firm, k: u32, noise: u64) -> Request {
    let Segment { sector, jurisdiction, cloud } = firm.segment;
    Request {
        noise,
        cell: Enterprises::group(dims, sector.into(), jurisdiction.into(), k as usize % WORKLOAD_COUNT) as u32,
        cloud: cloud.into(),
        taste: k,
        awareness: firm.awareness,
        known: sector.into(),
        held: [NONE; MAX_HELD],
        ease: [1.0; MAX_HELD],
        routed: false,
    }
}

/// Share of firms that a number of parts is.
pub(in crate::step) fn share_of(parts: u64) -> f64 {
    parts as f64 / PARTS
}

#[cfg(test)]
mod tests;
