//! What the enterprises hold at the start, so that spend by workload and vendor is as observed, and the
//! latent quality of the labs that this implies.
//!
//! ```text
//! targets    coding t_1j as declared; rest_j = max(0, t_j − c·t_1j), split by z_j ~ Gamma(k·rest_j)/k and raked to workloads and vendors
//! adopted    u < min(1, A_w·f) if tech-forward, else the rest of the mean A_w;   u of the firm in half of all cases, else of the workload
//! tenure     τ·min(3, Exp(1)) and at least what the contract that runs has lasted;   contract left uniform over its term
//! expected   ŝ_j = y_j·Σ_i m_i·P_ij/Σ_k y_k·Σ_i m_i·P_ik      m volume, P logit at the firm's tastes and awareness, y use at the start (`spend`)
//! inversion  q_j ← q_j + ln(t_j/ŝ_j), within ±3 a round, until none moves by 0.002, 30 rounds at most
//!            centred on the vendors that are held; one without share is one below the least of these
//! coherence  what the firm already holds weighs exp(κ·φ·c_h) more
//! holdings   the race of `choice` with weights exp(q), q nudged by 0.7·ln(t_j/drawn) up to five times (not kept), a customer for each vendor
//! volumes    raked so that spend by workload and vendor is S·c_w·t_wj;   ECI_0, p_ref means by spend
//! ```
//!
//! Latent quality is the part of mean utility that the observed shares demand and nothing else explains
//! (Berry, Levinsohn and Pakes 1995): the contraction `q += ln(share observed / share expected)`. Expected
//! shares are over noise and the tastes of all firms, so quality takes up no luck of who chose whom. Holdings are then drawn by
//! the same race that decides later choices, and volumes raked so that shares of spend are exact.
//!
//! Parameters: S `demand.start.enterprise_spend_usd`; c `demand.start.coding_spend_share`, `demand.start.customer_spend_share` and what is
//! left; own weights `demand.start.self_hosted_share`; k `demand.start.noncoding_concentration`; A_w `demand.start.adoption_coding`,
//! `demand.start.adoption_knowledge`, `demand.start.adoption_customer`; τ `demand.start.tenure_years`; c_h `demand.start.coherence`; κ
//! `demand.switching_cost`, φ `demand.switching_cost_firm_share`; f `adoption.tech_forward_factor`.
//!
//! Of labs: t_j `enterprise_share`, t_1j `coding_share`.

use crate::math::kernels::MAX_STRIDE;
use crate::math::{exp, ln};
use crate::mechanisms::adoption::segment_factors;
use crate::random::{Purpose, exponential_of, key_of, unit_interval};
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::step::demand::utility::{Offers, offers};
use crate::step::demand::{holdings, request, totals, weights};
use crate::step::government::Calendar;
use crate::world::enterprises::{Enterprises, NONE, Scratch, Segment, Source};
use crate::world::labs::TIERS;
use crate::world::{Dims, World, refill};

type Row = [f64; MAX_LABS + 1];
const ZEROS: Row = [0.0; MAX_LABS + 1];

/// Shares of spend at the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets {
    /// Share of spend on each workload.
    pub workload: [f64; WORKLOAD_COUNT],
    /// Share of each alternative in the spend on a workload; each row sums to 1, or to 0 without vendors.
    pub vendor: [Row; WORKLOAD_COUNT],
}

/// Scales the numbers to this sum; all zeros stay.
fn scale_to(row: &mut [f64], sum: f64) {
    let total: f64 = row.iter().sum();
    if total > 0.0 {
        row.iter_mut().for_each(|x| *x *= sum / total);
    }
}

/// Shares of spend by workload and vendor: coding as declared, and the rest of each vendor's spend split
/// between the other workloads by a Dirichlet draw around its share of both, keyed by vendor.
pub(super) fn targets(world: &World, ctx: &Context) -> Targets {
    let p = ctx.parameters;
    let start = &p.demand_start;
    let offers = offers(world, p);
    let (labs, n) = (world.dims.labs, world.dims.alternatives);
    let coding = start.coding_spend_share.clamp(0.0, 1.0);
    let customer = start.customer_spend_share.clamp(0.0, 1.0 - coding);
    let workload = [coding, 1.0 - coding - customer, customer];

    let declared = |own: &dyn Fn(&crate::scenario::parameters::LabStart) -> f64| {
        let mut row = ZEROS;
        for (j, lab) in p.labs.iter().enumerate().filter(|&(j, _)| offers[j].available) {
            row[j] = own(&lab.values.start);
        }
        if row.iter().all(|&x| x <= 0.0) {
            for (j, x) in row.iter_mut().enumerate().take(labs) {
                *x = if offers[j].available { 1.0 } else { 0.0 };
            }
        }
        let hosted = if offers[labs].available { start.self_hosted_share } else { 0.0 };
        let sold = if row.iter().any(|&x| x > 0.0) { 1.0 - hosted } else { 0.0 };
        scale_to(&mut row[..labs], sold);
        row[labs] = hosted;
        scale_to(&mut row[..n], 1.0);
        row
    };
    let all = declared(&|lab| lab.enterprise_share);
    let in_coding = declared(&|lab| lab.coding_share);
    let mut rest = ZEROS;
    for a in 0..n {
        rest[a] = (all[a] - coding * in_coding[a]).max(0.0);
    }
    scale_to(&mut rest[..n], 1.0);

    // Two columns whose rows sum to `rest` and whose sums are the shares of the two workloads.
    let others = (workload[1] + workload[2]).max(f64::MIN_POSITIVE);
    let (knowledge, customer) = (workload[1] / others, workload[2] / others);
    let (mut left, mut right) = (ZEROS, ZEROS);
    for a in 0..n {
        let key = if a < labs { p.labs[a].key } else { key_of("self_hosted") };
        let drawn = if rest[a] > 0.0 {
            ctx.draws.stream(Purpose::NoncodingSplit, key, 0, 0).gamma(start.noncoding_concentration * rest[a])
        } else {
            0.0
        };
        left[a] = rest[a] * knowledge;
        // A share so small that its draw is zero keeps a trace, so that its total can be restored.
        right[a] = customer * (drawn / start.noncoding_concentration).max(1e-6 * rest[a]);
    }
    for _ in 0..60 {
        scale_to(&mut left[..n], knowledge);
        scale_to(&mut right[..n], customer);
        for a in 0..n {
            let sum = left[a] + right[a];
            if sum > 0.0 {
                left[a] *= rest[a] / sum;
                right[a] *= rest[a] / sum;
            }
        }
    }
    scale_to(&mut left[..n], 1.0);
    scale_to(&mut right[..n], 1.0);
    Targets { workload, vendor: [in_coding, left, right] }
}

/// Lays the expected spend of each vendor over sectors and jurisdictions alike: what peers and mean trust
/// are taken from until the firms hold anything.
pub(super) fn expect(world: &mut World, targets: &Targets) {
    let dims = world.dims;
    for a in 0..dims.alternatives {
        let share: f64 = (0..WORKLOAD_COUNT).map(|w| targets.workload[w] * targets.vendor[w][a]).sum();
        world.demand.by_sector_usd[a * dims.sectors..(a + 1) * dims.sectors].fill(share);
        world.demand.by_jurisdiction_usd[a * dims.jurisdictions..(a + 1) * dims.jurisdictions].fill(share);
    }
    world.labs.quality.fill(0.0);
}

/// Decides which workloads have adopted, for how long, and when their contracts end; the others' clocks run.
pub(super) fn adopt(e: &mut Enterprises, calendar: Calendar<'_>, dims: &Dims, ctx: &Context) {
    let p = ctx.parameters;
    let start = &p.demand_start;
    let (forward, other) = segment_factors(&p.adoption);
    let rates = [start.adoption_coding, start.adoption_knowledge, start.adoption_customer].map(|rate| {
        let (f, share) = ((rate * forward).min(1.0), p.adoption.tech_forward_share);
        // The others make up what is left of the mean.
        let rest = if share < 1.0 { ((rate - share * f) / (1.0 - share)).clamp(0.0, 1.0) } else { rate };
        (f, rest)
    });
    let now = p.month_before_start().0;
    let contract = (p.demand.contract_months as i32).max(1);
    let groups = e.hazard.len();
    refill(&mut e.clock_next, groups, 0);
    e.clock.clear();
    let group_of = |segment: Segment, w: usize| {
        Enterprises::group(dims, usize::from(segment.sector), usize::from(segment.jurisdiction), w)
    };
    // Who draws what was laid with the tastes; all at once is quicker than those alone that need it.
    let Scratch { firms, workloads, keys, noise, tier_noise, numbers, .. } = &mut e.scratch;
    ctx.draws.fill_bits_with(e.level, Purpose::InitialAdoption, &e.key, WORKLOAD_COUNT as u64, 0, keys);
    numbers.clear();
    numbers.extend(keys.iter().map(|&bits| unit_interval(bits)));
    ctx.draws.fill_bits(e.level, Purpose::InitialAdoption, firms, workloads, 0, keys);
    ctx.draws.fill_bits(e.level, Purpose::Tenure, firms, workloads, 0, noise);
    ctx.draws.fill_bits(e.level, Purpose::ContractEnd, firms, workloads, 0, tier_noise);
    for (i, &common) in numbers.iter().enumerate() {
        let (segment, forward) = (e.firm[i].segment, e.forward[i]);
        for (w, rates) in rates.iter().enumerate() {
            let k = i * WORKLOAD_COUNT + w;
            let bits = keys[k];
            // Half of the time a workload goes with the firm, so that adoption clusters in firms; the lowest
            // bit is no part of the uniform number.
            let u = if bits & 1 == 0 { common } else { unit_interval(bits) };
            if u < if forward { rates.0 } else { rates.1 } {
                let years = start.tenure_years * exponential_of(noise[k]).min(3.0);
                let left = (unit_interval(tier_noise[k]) * f64::from(contract)) as i32 + 1;
                // A workload is at least as old as its contract.
                let tenure = ((years * 12.0) as i32).max(contract - left);
                e.workload[k].adopted_month = now - tenure;
                let end =
                    calendar.open_from(usize::from(segment.sector), usize::from(segment.jurisdiction), now + left);
                e.calendar.put(k as u32, end);
            } else {
                e.clock_next[group_of(segment, w)] += 1;
            }
        }
    }
    // Places of the groups, then the clocks into their places, each group in order.
    let mut total = 0;
    e.clock_end.clear();
    for next in &mut e.clock_next {
        let count = *next;
        *next = total;
        e.clock_end.push(total);
        total += count;
    }
    refill(&mut e.clock, total as usize, 0);
    ctx.draws.fill_bits(e.level, Purpose::AdoptionClock, firms, workloads, 0, keys);
    for (k, &bits) in keys.iter().enumerate() {
        if e.workload[k].adopted_month != i32::MAX {
            continue;
        }
        let (i, w) = (k / WORKLOAD_COUNT, k % WORKLOAD_COUNT);
        let factor = if e.forward[i] { forward } else { other };
        let threshold = exponential_of(bits) / factor;
        let end = &mut e.clock_end[group_of(e.firm[i].segment, w)];
        e.clock[*end as usize] = (u64::from((threshold as f32).to_bits()) << 32) | k as u64;
        *end += 1;
    }
    for (&from, &to) in e.clock_next.iter().zip(&e.clock_end) {
        e.clock[from as usize..to as usize].sort_unstable();
    }
}

/// Fits latent quality to the shares of spend, workload by workload, and draws what each workload holds.
pub(super) fn fit(world: &mut World, ctx: &Context, offers: &Offers, targets: &Targets) {
    let p = ctx.parameters;
    let dims = world.dims;
    let n = dims.alternatives;
    let factors = totals::usage_factors(p, offers, n, 0.0, 1.0);
    let d = &p.demand;
    let coherence = if p.mechanisms.switching_costs {
        exp((d.switching_cost * d.switching_cost_firm_share * p.demand_start.coherence).min(80.0)) as f32
    } else {
        1.0
    };
    let mut scratch = std::mem::take(&mut world.enterprises.scratch);
    for w in 0..WORKLOAD_COUNT {
        gather(&mut world.enterprises, &dims, ctx, w, coherence, &mut scratch);
        let light = &world.enterprises.light[w * n..(w + 1) * n];
        let mut usage = ZEROS;
        for a in 0..n {
            let share = f64::from(light[a]);
            usage[a] = (1.0 - share) * factors[a][0] + share * factors[a][1];
        }
        let target = &targets.vendor[w];
        let mut value = contract(&world.enterprises, &scratch, target, &usage, n);
        keep_quality(world, &value, target, w);
        assign(&mut world.enterprises, &mut scratch, target, &usage, &mut value, n);
        take_on(&mut world.enterprises, &dims, ctx, w, &mut scratch);
    }
    world.enterprises.scratch = scratch;
}

/// Gathers the requests of the workloads that have adopted, their masses and rows of weights.
fn gather(e: &mut Enterprises, dims: &Dims, ctx: &Context, w: usize, coherence: f32, scratch: &mut Scratch) {
    scratch.requests.clear();
    scratch.mass.clear();
    scratch.deciding.clear();
    let now = ctx.parameters.month_before_start().0;
    let contract = ctx.parameters.demand.contract_months as i32;
    let adopted = (0..e.len()).map(|i| i * WORKLOAD_COUNT + w).filter(|&k| e.workload[k].adopted_month != i32::MAX);
    scratch.deciding.extend(adopted.map(|k| k as u32));
    scratch.draw_for(&e.key);
    ctx.draws.fill_bits(e.level, Purpose::InitialVendor, &scratch.firms, &scratch.workloads, 0, &mut scratch.noise);
    for (&k, &noise) in scratch.deciding.iter().zip(&scratch.noise) {
        let (k, i) = (k as usize, k as usize / WORKLOAD_COUNT);
        let mut request = request(dims, &e.firm[i], k as u32, noise);
        let held = e.vendors(i);
        for (v, &vendor) in held.iter().enumerate().take(w) {
            if !held[..v].contains(&vendor) {
                request.held[v] = vendor;
                request.ease[v] = coherence;
            }
        }
        // Tenure at the beginning of the contract that runs.
        let signed = e.calendar.due(k) - contract;
        e.workload[k].volume = e.weight[i];
        e.workload[k].first.base = e.weight[i] * e.tenure.at(signed.min(now) - e.workload[k].adopted_month);
        scratch.mass.push(e.workload[k].first.base as f32);
        scratch.requests.push(request);
    }
    scratch.rows.fill(e.level, weights(e), &scratch.requests);
    // Who knows nobody that would serve looks at all there are.
    let alternatives = dims.alternatives;
    for (r, request) in scratch.requests.iter_mut().enumerate() {
        if (0..alternatives).all(|a| scratch.rows.at(r, a) == 0.0) {
            request.known = dims.sectors as u32;
            let mut row = [0.0; MAX_STRIDE];
            weights(e).row_of(e.level, request, &mut row);
            scratch.rows.set(r, &row);
        }
    }
}

/// Mean utilities at which the expected shares of spend are the targets.
fn contract(e: &Enterprises, scratch: &Scratch, target: &Row, usage: &Row, n: usize) -> Row {
    let mut value = ZEROS;
    let mut factor = [0.0f32; MAX_STRIDE];
    let mut shares = [0.0; MAX_STRIDE];
    for _ in 0..30 {
        for a in 0..n {
            factor[a] = if target[a] > 0.0 { exp(value[a]) as f32 } else { 0.0 };
        }
        scratch.rows.mean_shares(e.level, &factor[..n], &scratch.mass, &mut shares[..n]);
        let total: f64 = (0..n).map(|a| shares[a] * usage[a]).sum();
        let before = value;
        let mut centre = 0.0;
        for a in (0..n).filter(|&a| target[a] > 0.0) {
            let share = shares[a] * usage[a] / total;
            if share > 0.0 {
                value[a] += ln(target[a] / share).clamp(-3.0, 3.0);
            }
            centre += target[a] * value[a];
        }
        // Only differences count; centred, they stay within single precision.
        (0..n).for_each(|a| value[a] = (value[a] - centre).clamp(-40.0, 40.0));
        // A share that no value brings about leaves its value at a bound, where it stays.
        let moved = value.iter().zip(&before).fold(0.0f64, |m, (now, then)| m.max((now - then).abs()));
        if moved < 2e-3 {
            break;
        }
    }
    value
}

/// Writes latent quality, centred on the mean of the vendors that are held. A vendor that nobody holds is
/// one below the least of those: nothing observed says more than that nobody chose it.
fn keep_quality(world: &mut World, value: &Row, target: &Row, w: usize) {
    let n = world.dims.alternatives;
    let held = || (0..n).filter(|&a| target[a] > 0.0);
    let count = held().count().max(1) as f64;
    let mean = held().map(|a| value[a]).sum::<f64>() / count;
    let least = held().map(|a| value[a] - mean).fold(0.0, f64::min);
    for a in 0..n {
        let quality = if target[a] > 0.0 { value[a] - mean } else { least - 1.0 };
        match world.labs.quality.get_mut(a * WORKLOAD_COUNT + w) {
            Some(q) if a < world.dims.labs => *q = quality,
            _ => world.enterprises.self_hosted_quality[w] = quality,
        }
    }
}

/// Draws a vendor for each request, then nudges the values until shares of spend are near the targets and
/// every vendor with a target is held by someone, where there are enough firms for that.
fn assign(e: &mut Enterprises, scratch: &mut Scratch, target: &Row, usage: &Row, value: &mut Row, n: usize) {
    scratch.rows.run_race(e.level, &e.alternative_key, &scratch.requests);
    scratch.winners.clear();
    scratch.winners.resize(scratch.requests.len(), NONE);
    let mut scale = [f32::INFINITY; MAX_STRIDE];
    let mut realised = ZEROS;
    for round in 0..6 {
        for a in 0..n {
            scale[a] = if target[a] > 0.0 { exp(-value[a]) as f32 } else { f32::INFINITY };
        }
        scratch.rows.earliest(e.level, &scale[..n], &mut scratch.winners);
        realised = ZEROS;
        for (&winner, &mass) in scratch.winners.iter().zip(&scratch.mass) {
            if winner != NONE {
                realised[usize::from(winner)] += f64::from(mass) * usage[usize::from(winner)];
            }
        }
        scale_to(&mut realised[..n], 1.0);
        let mut worst = 0.0f64;
        for a in (0..n).filter(|&a| target[a] > 0.0) {
            let step = if realised[a] > 0.0 { ln(target[a] / realised[a]).clamp(-1.0, 1.0) } else { 1.0 };
            worst = worst.max(step.abs());
            if round < 5 {
                value[a] += 0.7 * step;
            }
        }
        if worst < 0.05 {
            break;
        }
    }
    if scratch.requests.len() < 4 * n {
        return;
    }
    for a in (0..n).filter(|&a| target[a] > 0.0 && realised[a] == 0.0) {
        // The firm that came nearest, among those whose vendor keeps another customer.
        let mut customers = [0u32; MAX_LABS + 1];
        for &winner in scratch.winners.iter().filter(|&&winner| winner != NONE) {
            customers[usize::from(winner)] += 1;
        }
        let mut nearest = (f32::INFINITY, usize::MAX);
        for (r, &winner) in scratch.winners.iter().enumerate() {
            let winner = usize::from(winner);
            if winner <= MAX_LABS && customers[winner] > 1 {
                let ratio = scratch.rows.at(r, a) / scratch.rows.at(r, winner);
                if ratio < nearest.0 {
                    nearest = (ratio, r);
                }
            }
        }
        if nearest.1 != usize::MAX {
            scratch.winners[nearest.1] = a as u16;
        }
    }
}

/// Writes what each workload holds, with a tier of the vendor's menu. A workload that nobody can serve has
/// no vendor and looks again in the first month.
fn take_on(e: &mut Enterprises, dims: &Dims, ctx: &Context, w: usize, scratch: &mut Scratch) {
    let now = ctx.parameters.month_before_start().0;
    let Scratch { firms, workloads, tier_noise, .. } = &mut *scratch;
    ctx.draws.fill_bits(e.level, Purpose::TierChoice, firms, workloads, now, tier_noise);
    for ((&k, &vendor), &bits) in scratch.deciding.iter().zip(&scratch.winners).zip(&scratch.tier_noise) {
        if vendor == NONE {
            e.workload[k as usize].first.base = 0.0;
            e.calendar.put(k, now + 1);
            continue;
        }
        let light = f64::from(e.light[w * dims.alternatives + usize::from(vendor)]);
        let tier = u8::from(unit_interval(bits) < light);
        let base = e.workload[k as usize].first.base;
        holdings::hold(e, dims, k, Source::new(vendor, tier, base), Source::NONE);
    }
}

/// Rakes volumes so that spend by workload and vendor is exact, and sets the references of capability and
/// price, the volumes of those that have yet to adopt, and all sums.
pub(super) fn settle_references(world: &mut World, ctx: &Context, offers: &Offers, targets: &Targets) {
    let p = ctx.parameters;
    let n = world.dims.alternatives;
    let raw = totals::usage_factors(p, offers, n, 0.0, 1.0);
    let spend = p.demand_start.enterprise_spend_usd;
    let e = &mut world.enterprises;

    // Factor on each vendor's volumes in a workload: first relative to the raw factors of usage.
    let mut rake = [ZEROS; WORKLOAD_COUNT];
    let mut unit = [0.0; WORKLOAD_COUNT];
    let (mut eci, mut price, mut total) = (0.0, 0.0, 0.0);
    for w in 0..WORKLOAD_COUNT {
        let committed = |a: usize, t: usize| e.sums.workloads(a, t).nth(w).map_or(0.0, |line| e.sums.of(line));
        let raw_spend = |a: usize, t: usize| committed(a, t) * raw[a][t];
        let realised = |a: usize| raw_spend(a, 0) + raw_spend(a, 1);
        let held: f64 = (0..n).filter(|&a| realised(a) > 0.0).map(|a| targets.vendor[w][a]).sum();
        let all: f64 = (0..n).map(realised).sum();
        if held <= 0.0 {
            continue;
        }
        let aim = spend * targets.workload[w];
        unit[w] = aim / all;
        for a in (0..n).filter(|&a| realised(a) > 0.0) {
            rake[w][a] = aim * targets.vendor[w][a] / held / realised(a);
            for t in 0..TIERS {
                let part = raw_spend(a, t) * rake[w][a];
                if part > 0.0 {
                    eci += part * offers[a].eci[t];
                    price += part * offers[a].price_usd[t];
                    total += part;
                }
            }
        }
    }
    if total > 0.0 {
        world.demand.reference_eci = eci / total;
        world.demand.reference_price_usd = price / total;
    }
    let factors = totals::usage_factors(p, offers, n, world.demand.reference_eci, world.demand.reference_price_usd);
    // The factors at the references differ from the raw ones by a constant.
    let constant =
        (0..n).find(|&a| offers[a].available && factors[a][0] > 0.0).map_or(1.0, |a| raw[a][0] / factors[a][0]);
    for (k, workload) in e.workload.iter_mut().enumerate() {
        let (i, w, vendor) = (k / WORKLOAD_COUNT, k % WORKLOAD_COUNT, workload.first.vendor());
        let by = constant * if vendor == NONE { unit[w] } else { rake[w][usize::from(vendor)] };
        workload.volume = e.weight[i] * by;
        workload.first.base *= by;
    }
    sum_up(e);
    for (out, f) in e.initial_factor.iter_mut().zip(factors.as_flattened()) {
        *out = *f;
    }
    e.initial_total_usd = totals::before_saturation(&e.sums, &factors[..n]);
}

/// Adds all sums up again.
fn sum_up(e: &mut Enterprises) {
    e.sums.count_usd();
    for k in 0..e.workload.len() {
        if e.workload[k].first.vendor() != NONE {
            let columns = e.sums.columns(k % WORKLOAD_COUNT, e.firm[k / WORKLOAD_COUNT].segment);
            e.sums.add(&e.workload[k].first, &columns, false);
        }
    }
}
