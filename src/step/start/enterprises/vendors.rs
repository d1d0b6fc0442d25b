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

use crate::math::kernels::{MAX_HELD, MAX_STRIDE, Request};
use crate::math::{exp, ln};
use crate::mechanisms::adoption::segment_factors;
use crate::random::{Purpose, fill_exponential, key_of, unit_interval};
use crate::scenario::parameters::{MAX_LABS, WORKLOAD_COUNT};
use crate::step::Context;
use crate::step::demand::utility::Offers;
use crate::step::demand::{request, totals, weights};
use crate::step::government::Calendar;
use crate::world::enterprises::{Enterprises, NONE, Scratch, Source, is_split};
use crate::world::labs::TIERS;
use crate::world::{Dims, World};

type Row = [f64; MAX_LABS + 1];
const ZEROS: Row = [0.0; MAX_LABS + 1];

/// Volume that each alternative and tier has of a workload, in whole parts of the market, so that it is the same in whatever order it
/// came about.
pub(super) type Taken = [[i64; TIERS]; MAX_LABS + 1];
const NOTHING: Taken = [[0; TIERS]; MAX_LABS + 1];

/// Parts of the market: fine enough for a million firms, and far from the end of 64 bits at any factor of tenure.
const SHARE_PARTS: f64 = 1_099_511_627_776.0;

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
pub(super) fn targets(world: &World, ctx: &Context, offers: &Offers) -> Targets {
    let p = ctx.parameters;
    let start = &p.demand_start;
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

/// Decides who has adopted, fits latent quality to the shares of spend and draws what is held, workload by workload.
pub(super) fn fit(world: &mut World, ctx: &Context, offers: &Offers, targets: &Targets) -> [Taken; WORKLOAD_COUNT] {
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
    draw_common(&world.enterprises, ctx, &mut scratch);
    let mut taken = [NOTHING; WORKLOAD_COUNT];
    for (w, taken) in taken.iter_mut().enumerate() {
        let adopted = part(&world.enterprises, ctx, w, &mut scratch);
        wind(&mut world.enterprises, &dims, ctx, w, adopted, &mut scratch);
        sign(&mut world.enterprises, Calendar::of(&world.government, p), ctx, w, adopted, &mut scratch);
        gather(&world.enterprises, &dims, ctx, w, coherence, &mut scratch);
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
        *taken = take_on(&mut world.enterprises, &dims, ctx, w, &mut scratch);
    }
    world.enterprises.scratch = scratch;
    taken
}

/// Draws for each firm what its workloads have in common.
fn draw_common(e: &Enterprises, ctx: &Context, scratch: &mut Scratch) {
    let Scratch { keys, numbers, .. } = scratch;
    ctx.draws.fill_bits_with(e.level, Purpose::InitialAdoption, &e.key, WORKLOAD_COUNT as u64, 0, keys);
    numbers.clear();
    numbers.extend(keys.iter().map(|&bits| unit_interval(bits)));
}

/// Parts the firms by whether they have adopted workload `w`: those that have in front in `scratch.deciding`, with the keys of the firms in
/// `scratch.firms`. Returns how many have.
fn part(e: &Enterprises, ctx: &Context, w: usize, scratch: &mut Scratch) -> usize {
    let p = ctx.parameters;
    let start = &p.demand_start;
    let rate = [start.adoption_coding, start.adoption_knowledge, start.adoption_customer][w];
    let (factor, share) = (segment_factors(&p.adoption).0, p.adoption.tech_forward_share);
    let forward = (rate * factor).min(1.0);
    // The others make up what is left of the mean.
    let other = if share < 1.0 { ((rate - share * forward) / (1.0 - share)).clamp(0.0, 1.0) } else { rate };
    let Scratch { deciding, firms, keys, numbers, .. } = scratch;
    ctx.draws.fill_bits_with(e.level, Purpose::InitialAdoption, &e.key, w as u64, 0, keys);
    deciding.resize(e.len(), 0);
    firms.resize(e.len(), 0);
    let (mut front, mut back) = (0, e.len());
    let draws = keys.iter().zip(&*numbers).zip(&e.forward).zip(&e.key);
    for (i, (((&bits, &common), &is_forward), &key)) in draws.enumerate() {
        // Half of the time a workload goes with the firm, so that adoption clusters in firms; the lowest
        // bit is no part of the uniform number.
        let u = if bits & 1 == 0 { common } else { unit_interval(bits) };
        let has = u < if is_forward { forward } else { other };
        // Without a branch: who has adopted nobody can foresee.
        back -= usize::from(!has);
        let at = if has { front } else { back };
        deciding[at] = (i * WORKLOAD_COUNT + w) as u32;
        firms[at] = key;
        front += usize::from(has);
    }
    front
}

/// Lays the clocks of those behind the first `adopted` of `scratch.deciding`, group after group, each in order.
fn wind(e: &mut Enterprises, dims: &Dims, ctx: &Context, w: usize, adopted: usize, scratch: &mut Scratch) {
    let (forward, other) = segment_factors(&ctx.parameters.adoption);
    let Scratch { deciding, firms, keys, exponentials, .. } = scratch;
    let waiting = &deciding[adopted..];
    ctx.draws.fill_bits_with(e.level, Purpose::AdoptionClock, &firms[adopted..], w as u64, 0, keys);
    fill_exponential(e.level, keys, exponentials);
    let Enterprises { firm, clock, clock_next, clock_end, .. } = e;
    let group_of = |k: u32| {
        let segment = &firm[k as usize / WORKLOAD_COUNT].segment;
        Enterprises::group(dims, usize::from(segment.sector), usize::from(segment.jurisdiction), w)
    };
    // Places of the groups, then the clocks into their places.
    for &k in waiting {
        clock_end[group_of(k)] += 1;
    }
    let mut total = clock.len() as u32;
    for (next, end) in clock_next.iter_mut().zip(&mut *clock_end).skip(w).step_by(WORKLOAD_COUNT) {
        let count = *end;
        (*next, *end) = (total, total);
        total += count;
    }
    clock.resize(total as usize, 0);
    for (&k, &exponential) in waiting.iter().zip(&*exponentials) {
        let factor = if e.forward[k as usize / WORKLOAD_COUNT] { forward } else { other };
        let threshold = (exponential / factor) as f32;
        let end = &mut clock_end[group_of(k)];
        clock[*end as usize] = (u64::from(threshold.to_bits()) << 32) | u64::from(k);
        *end += 1;
    }
    for (&from, &to) in clock_next.iter().zip(&*clock_end).skip(w).step_by(WORKLOAD_COUNT) {
        clock[from as usize..to as usize].sort_unstable();
    }
}

/// Draws for how long the first `adopted` of `scratch.deciding`, who alone stay there, have used workload `w` and when their contracts
/// end; whom they hold is drawn later.
fn sign(e: &mut Enterprises, calendar: Calendar<'_>, ctx: &Context, w: usize, adopted: usize, scratch: &mut Scratch) {
    let p = ctx.parameters;
    let now = p.month_before_start().0;
    let contract = p.demand.contract_months as i32;
    let Scratch { deciding, firms, keys, exponentials, mass, .. } = scratch;
    deciding.truncate(adopted);
    firms.truncate(adopted);
    ctx.draws.fill_bits_with(e.level, Purpose::Tenure, firms, w as u64, 0, keys);
    fill_exponential(e.level, keys, exponentials);
    ctx.draws.fill_bits_with(e.level, Purpose::ContractEnd, firms, w as u64, 0, keys);
    mass.clear();
    for ((&k, &exponential), &bits) in deciding.iter().zip(&*exponentials).zip(&*keys) {
        let i = k as usize / WORKLOAD_COUNT;
        let segment = &e.firm[i].segment;
        let years = p.demand_start.tenure_years * exponential.min(3.0);
        let left = (unit_interval(bits) * f64::from(contract)) as i32 + 1;
        // A workload is at least as old as its contract.
        let tenure = ((years * 12.0) as i32).max(contract - left);
        let end = calendar.open_from(usize::from(segment.sector), usize::from(segment.jurisdiction), now + left);
        e.calendar.put(k, end);
        // Tenure at the beginning of the contract that runs.
        let base = e.weight[i] * e.tenure.at((end - contract).min(now) - (now - tenure));
        mass.push(base as f32);
        let workload = &mut e.workload[k as usize];
        workload.adopted_month = now - tenure;
        // What is committed, tenure included, in shares of the market: until it is raked to spend, which makes it a volume at tenure 1.
        workload.volume = base;
    }
}

/// Gathers the requests of the workloads that have adopted, and rows of weights.
fn gather(e: &Enterprises, dims: &Dims, ctx: &Context, w: usize, coherence: f32, scratch: &mut Scratch) {
    let Scratch { deciding, firms, noise, requests, rows, .. } = scratch;
    ctx.draws.fill_bits_with(e.level, Purpose::InitialVendor, firms, w as u64, 0, noise);
    requests.clear();
    requests.extend(deciding.iter().zip(&*noise).map(|(&k, &noise)| {
        let i = k as usize / WORKLOAD_COUNT;
        // Workloads that are still to come hold nothing.
        Request { held: e.vendors(i), ease: [coherence; MAX_HELD], ..request(dims, &e.firm[i], k, noise) }
    }));
    rows.fill(e.level, weights(e), requests);
    // Who knows nobody that would serve looks at all there are.
    for (r, request) in requests.iter_mut().enumerate() {
        if rows.is_empty(r) {
            request.known = dims.sectors as u32;
            let mut row = [0.0; MAX_STRIDE];
            weights(e).row_of(e.level, request, &mut row);
            rows.set(r, &row);
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
            let winner = usize::from(winner);
            // No vendor lies behind all of them.
            if winner < usage.len() {
                realised[winner] += f64::from(mass) * usage[winner];
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

/// Writes what each workload holds, with a tier of the vendor's menu, and tells how much each vendor and tier has. A workload that
/// nobody can serve has no vendor and looks again in the first month.
fn take_on(e: &mut Enterprises, dims: &Dims, ctx: &Context, w: usize, scratch: &mut Scratch) -> Taken {
    let now = ctx.parameters.month_before_start().0;
    let Scratch { deciding, firms, winners, tier_noise, .. } = scratch;
    ctx.draws.fill_bits_with(e.level, Purpose::TierChoice, firms, w as u64, now, tier_noise);
    let light = &e.light[w * dims.alternatives..(w + 1) * dims.alternatives];
    let mut taken = NOTHING;
    for ((&k, &vendor), &bits) in deciding.iter().zip(&*winners).zip(&*tier_noise) {
        if vendor == NONE {
            e.calendar.put(k, now + 1);
            continue;
        }
        let tier = u8::from(unit_interval(bits) < f64::from(light[usize::from(vendor)]));
        let workload = &mut e.workload[k as usize];
        workload.set_first(Source::new(vendor, tier, 0.0));
        taken[usize::from(vendor)][usize::from(tier)] += (workload.volume * SHARE_PARTS) as i64;
    }
    taken
}

/// Rakes volumes so that spend by workload and vendor is exact, and sets the references of capability and
/// price, the volumes of those that have yet to adopt, and all sums.
pub(super) fn settle_references(
    world: &mut World,
    ctx: &Context,
    offers: &Offers,
    targets: &Targets,
    taken: &[Taken; WORKLOAD_COUNT],
) {
    let p = ctx.parameters;
    let n = world.dims.alternatives;
    let raw = totals::usage_factors(p, offers, n, 0.0, 1.0);
    let spend = p.demand_start.enterprise_spend_usd;
    let dims = world.dims;
    let e = &mut world.enterprises;

    // Factor on each vendor's volumes in a workload: first relative to the raw factors of usage.
    let mut rake = [ZEROS; WORKLOAD_COUNT];
    let mut unit = [0.0; WORKLOAD_COUNT];
    let (mut eci, mut price, mut total) = (0.0, 0.0, 0.0);
    for w in 0..WORKLOAD_COUNT {
        let committed = |a: usize, t: usize| taken[w][a][t] as f64 * (1.0 / SHARE_PARTS);
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
    for (workloads, &weight) in e.workload.as_chunks_mut::<WORKLOAD_COUNT>().0.iter_mut().zip(&e.weight) {
        for ((workload, rake), unit) in workloads.iter_mut().zip(&rake).zip(unit) {
            let first = workload.first();
            let by = if first.vendor() == NONE {
                constant * unit
            } else {
                let by = constant * rake[usize::from(first.vendor())];
                workload.set_first(first.with_usd(workload.volume * by));
                by
            };
            workload.volume = weight * by;
        }
    }
    count(e, &dims);
    for (out, f) in e.initial_factor.iter_mut().zip(factors.as_flattened()) {
        *out = *f;
    }
    e.initial_total_usd = totals::before_saturation(&e.sums, &factors[..n]);
}

/// Counts what all workloads hold.
fn count(e: &mut Enterprises, dims: &Dims) {
    let Enterprises { firm, workload, sums, counts, customers, .. } = e;
    for (firm, workloads) in firm.iter().zip(workload.as_chunks::<WORKLOAD_COUNT>().0) {
        let vendors = workloads.each_ref().map(|workload| workload.first().vendor());
        if vendors == [NONE; WORKLOAD_COUNT] {
            continue;
        }
        let (segment, parts) = (firm.segment, firm.parts);
        let group = Enterprises::group(dims, usize::from(segment.sector), usize::from(segment.jurisdiction), 0);
        let place = firm.place as usize * WORKLOAD_COUNT;
        let mut several = 0;
        for (w, &vendor) in vendors.iter().enumerate().filter(|&(_, &vendor)| vendor != NONE) {
            sums.add(workloads[w].first(), &sums.columns(w, segment));
            customers.flip(usize::from(vendor), place + w);
            counts.adopted[group + w] += parts;
            let new = u64::from(!vendors[..w].contains(&vendor));
            counts.customers[usize::from(vendor)] += parts * new;
            several += new;
        }
        counts.adopting += parts;
        counts.vendors += parts * several;
        counts.multi += parts * u64::from(several > 1);
        counts.split += parts * u64::from(is_split(vendors));
    }
}
