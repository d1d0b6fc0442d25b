//! The enterprises at the start: a stratified population, then what it holds (in [`vendors`]).
//!
//! ```text
//! strata     bounds z_i with ½·(Φ(z_i) + Φ(z_i − s)) = i/n;   firm i stands for Φ(z_i) − Φ(z_{i−1}) of firms, Φ(z_i − s) − Φ(z_{i−1} − s) of spend
//! place      frac(r_d + α_d·i), α_d = 1/g, 1/g², 1/g³, 1/g⁴ with g⁵ = g + 1      sector, jurisdiction, cloud, tech-forward; r_d one draw a run
//! rake       weight ← weight·(share declared/share held) by sector, then by jurisdiction, 40 times
//! taste      exp(ν), ν ~ N(0, sd²) for each workload and vendor, for the run;   one draw of awareness for each firm and vendor
//! momentum   q ← q + m·ln(share of new decisions/standing share), the ln within its bounds              after the inversion
//! ```
//!
//! Sizes are lognormal. Each agent stands for a stratum of firms: the strata have equal measure under the mean of the distributions of
//! firms and of spend, so that the few large firms that spend most are many agents, and neither shares of spend nor shares of firms hang on
//! the draws of a handful. Sector, jurisdiction, cloud and segment follow a low-discrepancy sequence in order of size (Roberts 2018, The
//! unreasonable effectiveness of quasirandom sequences), rotated by one draw each a run (Cranley and Patterson 1976), and sizes are then
//! raked to the declared shares of sectors and jurisdictions (Deming and Stephan 1940). s is `spend.size_sd`, n `enterprises.count`, m
//! `demand.momentum` within `demand.momentum_least` and `demand.momentum_greatest`. Contracts keep customers whom a lab would no longer win: in a logit ln of the ratio of shares is the difference of
//! the qualities.
//!
//! Shares declared: `spend_share` of sectors, `enterprise_share` of jurisdictions and clouds; new decisions `flow_share` of the lab.

mod vendors;

use crate::math::kernels::fill_lognormal;
use crate::math::ln;
use crate::random::{Purpose, key_of, mix, unit_interval};
use crate::scenario::Parameters;
use crate::scenario::parameters::WORKLOAD_COUNT;
use crate::step::Context;
use crate::step::demand::holdings::lay_tenure_table;
use crate::step::demand::{totals, utility};
use crate::world::enterprises::{Enterprises, Firm, NONE, PARTS, Segment, Strata, Workload};
use crate::world::labs::TIERS;
use crate::world::{Dims, World, refill};

/// The least alike four irrational steps: powers of the inverse of the root of `x^5 = x + 1`.
const STEPS: [f64; 4] = [0.856_674_883_854_502_9, 0.733_891_856_627_126, 0.628_706_721_037_808_7, 0.538_597_257_223_61];

/// Builds the population and what it holds, and fills `world.demand` with the state at the start. The
/// columns of the labs are those of the start already; this fits their latent quality.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    shape(world, ctx);
    let dims = world.dims;
    let e = &mut world.enterprises;
    population(e, &dims, ctx);
    tastes(e, ctx);
    lay_tenure_table(&mut e.tenure, p);

    let mut offers = utility::offers(world, p);
    let targets = vendors::targets(world, ctx, &offers);
    vendors::expect(world, &targets);
    utility::refresh(world, ctx, &offers);
    utility::remember(world, &offers);
    totals::put_in_use(world, p, &mut offers);
    let taken = vendors::fit(world, ctx, &offers, &targets);
    vendors::settle_references(world, ctx, &offers, &targets, &taken);
    crate::step::demand::orchestrate(world, ctx);
    let d = &world.demand;
    let factors = totals::usage_factors(p, &offers, dims.alternatives, d.reference_eci, d.reference_price_usd);
    totals::spread(world, &factors, &offers);
    world.demand.offers = offers;
    let d = &mut world.demand;
    // What is used at the start counts as taken up at the prices of the start.
    d.ln_price_taken_up = ln(d.mean_price_usd);
    d.ln_demand = totals::ln_demand(p, d, world.enterprises.initial_total_usd);
    momentum(world, ctx);
    world.labs.quality_start.clone_from(&world.labs.quality);
}

/// Moves latent quality from what the standing shares imply toward what new decisions imply: contracts keep customers whom a lab
/// would no longer win. In a logit, ln of the ratio of the shares is the difference of the qualities.
fn momentum(world: &mut World, ctx: &Context) {
    let d = &ctx.parameters.demand;
    for (j, lab) in ctx.parameters.labs.iter().enumerate() {
        let start = &lab.values.start;
        if start.flow_share > 0.0 && start.enterprise_share > 0.0 {
            let ratio = ln(start.flow_share / start.enterprise_share).clamp(d.momentum_least, d.momentum_greatest);
            for q in &mut world.labs.quality[j * WORKLOAD_COUNT..(j + 1) * WORKLOAD_COUNT] {
                *q += d.momentum * ratio;
            }
        }
    }
}

/// Gives every column its length and neutral value.
fn shape(world: &mut World, ctx: &Context) {
    let dims = world.dims;
    let n = ctx.parameters.enterprises.count as usize;
    let a = dims.alternatives;
    let groups = dims.sectors * dims.jurisdictions * WORKLOAD_COUNT;
    let e = &mut world.enterprises;
    let stride = Enterprises::stride_for(&dims);
    e.stride = stride;
    refill(&mut e.firm, n, Firm::default());
    e.key.clear();
    // A firm's key depends on its place in the order of size alone, never on who else there is.
    e.key.extend((0..n as u64).map(|i| mix(i.wrapping_add(0x656e_7465_7270_7269))));
    refill(&mut e.forward, n, false);
    refill(&mut e.weight, n, 0.0);
    e.taste.reshape(n * WORKLOAD_COUNT * stride);
    refill(&mut e.workload, n * WORKLOAD_COUNT, Workload::NONE);
    // Room for every workload, so that no month asks for more.
    refill(&mut e.scratch.seconds, n * WORKLOAD_COUNT, NONE);
    refill(&mut e.scratch.months, n * WORKLOAD_COUNT, 0);
    e.scratch.deciding.clear();
    e.scratch.deciding.reserve(n * WORKLOAD_COUNT);
    let drawn = [&mut e.scratch.firms, &mut e.scratch.workloads, &mut e.scratch.noise, &mut e.scratch.tier_noise];
    for buffer in drawn {
        buffer.clear();
        buffer.reserve(n * WORKLOAD_COUNT);
    }
    refill(&mut e.scratch.lost, dims.sectors * dims.jurisdictions, 0);
    e.customers.reset(a, n * WORKLOAD_COUNT);
    e.calendar.reset(n * WORKLOAD_COUNT, ctx.month.0);
    e.alternative_key.clear();
    e.alternative_key.extend(ctx.parameters.labs.iter().map(|lab| (lab.key >> 32) as u32));
    e.alternative_key.push((key_of("self_hosted") >> 32) as u32);
    e.alternative_key.resize(stride, 0);
    e.self_hosted_quality = [0.0; WORKLOAD_COUNT];
    refill(&mut e.hazard, groups, 0.0);
    refill(&mut e.clock_next, groups, 0);
    refill(&mut e.clock_end, groups, 0);
    e.clock.clear();
    // A scenario without clouds has one segment of firms without a cloud.
    e.sums.reset(a, dims.sectors, dims.jurisdictions, dims.clouds.max(1));
    refill(&mut e.counts.customers, a, 0);
    refill(&mut e.counts.adopted, groups, 0);
    refill(&mut e.counts.firms, groups, 0);
    (e.counts.adopting, e.counts.vendors, e.counts.multi) = (0, 0, 0);
    (e.counts.split, e.counts.switched) = (0, 0);
    refill(&mut e.initial_factor, a * TIERS, 0.0);
    refill(&mut e.excluded_before, dims.labs * dims.jurisdictions, (false, false));
    refill(&mut e.offered_before, a, false);
    refill(&mut e.utility, groups * stride, 0.0);
    refill(&mut e.shared, groups * stride, 0.0);
    refill(&mut e.light, WORKLOAD_COUNT * a, 0.0);
    refill(&mut e.channel, dims.clouds.max(1) * stride, 0.0);
    // One row more: a firm that knows nobody looks at all there are.
    refill(&mut e.known, (dims.sectors + 1) * stride, u32::MAX);

    let d = &mut world.demand;
    refill(&mut d.spend_usd, a * WORKLOAD_COUNT * TIERS, 0.0);
    refill(&mut d.by_sector_usd, a * dims.sectors, 0.0);
    refill(&mut d.by_jurisdiction_usd, a * dims.jurisdictions, 0.0);
    refill(&mut d.by_cloud_usd, a * dims.clouds, 0.0);
    refill(&mut d.total_usd, a, 0.0);
    refill(&mut d.routed_usd, a, 0.0);
    refill(&mut d.private_weight, dims.jurisdictions * dims.labs, 0.0);
    refill(&mut d.customer_share, a, 0.0);
    refill(&mut d.adoption, WORKLOAD_COUNT, 0.0);
    (d.adoption_any, d.vendors_per_firm, d.multi_model_share) = (0.0, 0.0, 0.0);
    (d.switching_rate, d.ln_new_uses, d.saturation) = (0.0, 0.0, 1.0);
    (d.mean_price_usd, d.reference_price_usd, d.reference_eci) = (1.0, 1.0, 0.0);
}

/// Distribution function of the standard normal.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

impl Strata {
    /// Lays strata for `n` agents at this spread of ln size, unless they are laid already.
    fn lay(&mut self, n: usize, size_sd: f64) {
        if self.spend.len() == n && self.size_sd == size_sd {
            return;
        }
        self.size_sd = size_sd;
        self.spend.clear();
        self.parts.clear();
        // In units of the standard normal of ln size, firms are N(0, 1) and spend N(sd, 1). Bounds between
        // strata come from a table of the mean of both, straight between its knots; what lies between two
        // bounds is exact wherever they are.
        const KNOTS: usize = 1024;
        let (low, high) = (-9.0, 9.0 + size_sd);
        let width = (high - low) / (KNOTS - 1) as f64;
        let measure = |knot: usize| {
            let z = low + width * knot as f64;
            0.5 * (normal(z) + normal(z - size_sd))
        };
        let (mut knot, mut before, mut after) = (0, measure(0), measure(1));
        let (mut count, mut spend) = (0.0, 0.0);
        for i in 1..=n {
            let aim = i as f64 / n as f64;
            let (mut c, mut s) = (1.0, 1.0);
            if i < n {
                while after < aim && knot + 2 < KNOTS {
                    knot += 1;
                    before = after;
                    after = measure(knot + 1);
                }
                let part = if after > before { (aim - before) / (after - before) } else { 0.0 };
                let z = low + width * (knot as f64 + part);
                (c, s) = (normal(z), normal(z - size_sd));
            }
            self.parts.push(((c - count) * PARTS) as u64);
            self.spend.push(s - spend);
            (count, spend) = (c, s);
        }
    }
}

/// Appends where each class ends on (0, 1), in order, in proportion to its share.
fn ends(out: &mut Vec<f64>, shares: impl Iterator<Item = f64> + Clone) {
    let total: f64 = shares.clone().sum();
    let (mut sum, first) = (0.0, out.len());
    out.extend(shares.map(|share| {
        sum += share / total;
        sum
    }));
    // Rounding must not leave a gap at the top: it belongs to the last class that has a share.
    let last = out[first..].iter().position(|&end| end == sum).unwrap_or(0);
    out[first + last..].fill(f64::INFINITY);
}

/// Firms that are placed at once: what is done to each number of a block fills the vector instructions.
const BLOCK: usize = 64;

/// The numbers of a dimension of the sequence from `first` on, rotated.
fn along(dimension: usize, rotation: f64, first: usize) -> [f64; BLOCK] {
    // Adding and subtracting 2^52 rounds a positive number: not every processor can cut off its fraction.
    const ROUND: f64 = 4_503_599_627_370_496.0;
    let mut numbers = [0.0; BLOCK];
    for (n, number) in numbers.iter_mut().enumerate() {
        let x = rotation + STEPS[dimension] * f64::from((first + n + 1) as i32);
        let near = (x + ROUND) - ROUND;
        *number = x - if near > x { near - 1.0 } else { near };
    }
    numbers
}

/// The class in which each number of (0, 1) lies; one without a share is never hit.
fn pick(ends: &[f64], u: [f64; BLOCK]) -> [u16; BLOCK] {
    let mut passed = [0u64; BLOCK];
    for end in ends {
        for (passed, u) in passed.iter_mut().zip(&u) {
            *passed += u64::from(end <= u);
        }
    }
    passed.map(|passed| passed as u16)
}

/// Who the firms are.
fn population(e: &mut Enterprises, dims: &Dims, ctx: &Context) {
    let p = ctx.parameters;
    let n = e.len();
    e.strata.lay(n, p.spend.size_sd);
    place(e, dims, ctx);
    e.weight.copy_from_slice(&e.strata.spend);
    rake(e, dims, p);
    for (firm, &parts) in e.firm.iter_mut().zip(&e.strata.parts) {
        firm.parts = parts;
        let segment = &firm.segment;
        let group = Enterprises::group(dims, usize::from(segment.sector), usize::from(segment.jurisdiction), 0);
        e.counts.firms[group] += parts;
    }
    // Every firm has each workload.
    for firms in e.counts.firms.as_chunks_mut::<WORKLOAD_COUNT>().0 {
        *firms = [firms[0]; WORKLOAD_COUNT];
    }
    order_by_sector(e, dims);
}

/// Places each firm in the market, and tells who is tech-forward.
fn place(e: &mut Enterprises, dims: &Dims, ctx: &Context) {
    let p = ctx.parameters;
    let rotation = [
        Purpose::EnterpriseSector,
        Purpose::EnterpriseJurisdiction,
        Purpose::EnterpriseCloud,
        Purpose::EnterpriseForward,
    ]
    .map(|purpose| ctx.draws.uniform(purpose, 0, 0, 0));
    let bounds = &mut e.scratch.numbers;
    bounds.clear();
    ends(bounds, p.sectors.iter().map(|s| s.values.spend_share));
    ends(bounds, p.jurisdictions.iter().map(|j| j.values.enterprise_share));
    ends(bounds, p.clouds.iter().map(|c| c.values.enterprise_share));
    let (sectors, rest) = bounds.split_at(dims.sectors);
    let (jurisdictions, clouds) = rest.split_at(dims.jurisdictions);
    for (b, (firms, forward)) in e.firm.chunks_mut(BLOCK).zip(e.forward.chunks_mut(BLOCK)).enumerate() {
        let along = |dimension: usize| along(dimension, rotation[dimension], b * BLOCK);
        let (sector, jurisdiction) = (pick(sectors, along(0)), pick(jurisdictions, along(1)));
        let cloud = pick(clouds, along(2));
        for (n, firm) in firms.iter_mut().enumerate() {
            firm.segment = Segment { sector: sector[n], jurisdiction: jurisdiction[n], cloud: cloud[n] };
        }
        for (forward, u) in forward.iter_mut().zip(along(3)) {
            *forward = u < p.adoption.tech_forward_share;
        }
    }
}

/// Counts the firms of each sector and gives each firm its place in the order of sectors.
fn order_by_sector(e: &mut Enterprises, dims: &Dims) {
    refill(&mut e.sector_start, dims.sectors + 1, 0);
    for firm in &e.firm {
        e.sector_start[usize::from(firm.segment.sector) + 1] += 1;
    }
    for s in 0..dims.sectors {
        e.sector_start[s + 1] += e.sector_start[s];
    }
    let words = (e.firm.len() * WORKLOAD_COUNT).div_ceil(64);
    refill(&mut e.in_place, words, [u32::MAX; 64]);
    refill(&mut e.scratch.marks, words, 0);
    let in_place = e.in_place.as_flattened_mut().as_chunks_mut::<WORKLOAD_COUNT>().0;
    for (i, firm) in e.firm.iter_mut().enumerate() {
        // For now where the next firm of the sector stands; put back below.
        let next = &mut e.sector_start[usize::from(firm.segment.sector)];
        firm.place = *next;
        in_place[*next as usize] = std::array::from_fn(|w| (i * WORKLOAD_COUNT + w) as u32);
        *next += 1;
    }
    for s in (1..=dims.sectors).rev() {
        e.sector_start[s] = e.sector_start[s - 1];
    }
    e.sector_start[0] = 0;
}

/// Rakes the weights to the declared shares of sectors and jurisdictions (iterative proportional fitting,
/// Deming and Stephan 1940), over those that have firms at all.
fn rake(e: &mut Enterprises, dims: &Dims, p: &Parameters) {
    let (sectors, jurisdictions) = (dims.sectors, dims.jurisdictions);
    let cells = sectors * jurisdictions;
    let numbers = &mut e.scratch.numbers;
    refill(numbers, 2 * cells, 0.0);
    let (table, factor) = numbers.split_at_mut(cells);
    let cell_of =
        |firm: &Firm| usize::from(firm.segment.sector) * jurisdictions + usize::from(firm.segment.jurisdiction);
    for (firm, weight) in e.firm.iter().zip(&e.weight) {
        table[cell_of(firm)] += weight;
    }
    factor.copy_from_slice(table);
    let margin = |table: &mut [f64], start: usize, step: usize, n: usize, aim: f64| {
        let sum: f64 = (0..n).map(|k| table[start + k * step]).sum();
        if sum > 0.0 {
            (0..n).for_each(|k| table[start + k * step] *= aim / sum);
        }
    };
    let present = |table: &[f64], start: usize, step: usize, n: usize| (0..n).any(|k| table[start + k * step] > 0.0);
    let sector_total: f64 = (0..sectors)
        .filter(|&s| present(table, s * jurisdictions, 1, jurisdictions))
        .map(|s| p.sectors[s].values.spend_share)
        .sum();
    let jurisdiction_total: f64 = (0..jurisdictions)
        .filter(|&g| present(table, g, jurisdictions, sectors))
        .map(|g| p.jurisdictions[g].values.enterprise_share)
        .sum();
    if sector_total <= 0.0 || jurisdiction_total <= 0.0 {
        return;
    }
    for _ in 0..40 {
        for s in 0..sectors {
            let aim = p.sectors[s].values.spend_share / sector_total;
            margin(table, s * jurisdictions, 1, jurisdictions, aim);
        }
        for g in 0..jurisdictions {
            let aim = p.jurisdictions[g].values.enterprise_share / jurisdiction_total;
            margin(table, g, jurisdictions, sectors, aim);
        }
    }
    for (factor, &after) in factor.iter_mut().zip(&*table) {
        *factor = if *factor > 0.0 { after / *factor } else { 1.0 };
    }
    for (firm, weight) in e.firm.iter().zip(&mut e.weight) {
        *weight *= factor[cell_of(firm)];
    }
}

/// Persistent tastes of workloads, keys of the awareness of firms, and who is slow to orchestrate.
fn tastes(e: &mut Enterprises, ctx: &Context) {
    let p = ctx.parameters;
    let keys = &mut e.scratch.keys;
    if p.mechanisms.taste && p.demand.taste_sd > 0.0 {
        ctx.draws.fill_bits_each::<WORKLOAD_COUNT>(e.level, Purpose::Taste, &e.key, 0, keys);
        fill_lognormal(e.level, keys, &e.alternative_key, p.demand.taste_sd as f32, &mut e.taste);
    } else {
        e.taste.fill(1.0);
    }
    ctx.draws.fill_bits_with(e.level, Purpose::Orchestrates, &e.key, 0, 0, keys);
    e.firm.iter_mut().zip(&*keys).for_each(|(firm, &bits)| firm.reluctance = unit_interval(bits));
    ctx.draws.fill_bits_with(e.level, Purpose::Awareness, &e.key, 0, 0, keys);
    e.firm.iter_mut().zip(&*keys).for_each(|(firm, &bits)| firm.awareness = bits);
}

#[cfg(test)]
mod tests;
