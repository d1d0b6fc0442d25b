//! Labs review their strategies (section 3.15).

use crate::math::ln;
use crate::mechanisms::adaptation::{CELLS, Ewa, aspiration_after, choose, performance, smoothed};
use crate::mechanisms::valuation::growth_seen;
use crate::random::Purpose;
use crate::step::{Context, posture};
use crate::strategies::lab::adaptation::{Adapting, Imitative, Learning, Move, Satisficing, cell_of, where_to_look};
use crate::world::World;
use crate::world::posture::{ATTRACTIONS, MOVES};

/// Measures performance, and lets every lab whose review is due compare it with its aspiration and search where it falls short.
pub fn review(world: &mut World, ctx: &Context) {
    posture::retrofit(world, ctx);
    let p = ctx.parameters;
    if !p.mechanisms.adaptation {
        return;
    }
    measure(world, ctx);
    for i in 0..world.dims.labs {
        let Some(months) = p.labs[i].values.strategy.adaptation.review_months() else { continue };
        if !world.labs.alive[i] {
            continue;
        }
        let w = &mut world.posture;
        w.months_since_review[i] += 12.0 * ctx.dt;
        let crisis = std::mem::take(&mut w.review_now[i]);
        if crisis || w.months_since_review[i] >= months - 1e-9 {
            w.months_since_review[i] = 0.0;
            judge(world, ctx, i, crisis);
        }
    }
}

/// Performance of every lab over the step, smoothed.
fn measure(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let spend: f64 = world.demand.total_usd.iter().sum();
    let hosted = &world.labs.hosted_usd;
    let cap = p.adaptation.value_growth_cap;
    for i in 0..world.dims.labs {
        let share = if spend > 0.0 { world.demand.total_usd[i] / spend } else { 0.0 };
        let value = world.labs.valuation_usd[i] + p.adaptation.value_floor_usd;
        // A lab whose models others host measures itself by what is spent on them, too.
        let business = world.labs.run_rate_usd[i] + hosted.get(i).copied().unwrap_or(0.0);
        let w = &mut world.posture;
        if world.labs.alive[i] && world.step > 0 {
            let growth = growth_seen(&p.valuation, w.business_before_usd[i], business, ctx.dt);
            // The value of a division is notional: nobody there is judged by it.
            let value_growth = if world.labs.division[i] {
                growth
            } else {
                (ln(value / w.value_before_usd[i]) / ctx.dt).clamp(-cap, cap)
            };
            let seen = performance(&p.adaptation, growth, (share - w.share_before[i]) / ctx.dt, value_growth);
            w.performance[i] = if w.performance[i].is_nan() {
                seen
            } else {
                smoothed(w.performance[i], seen, p.adaptation.memory_years, ctx.dt)
            };
        }
        w.share_before[i] = share;
        w.business_before_usd[i] = business;
        w.value_before_usd[i] = value;
    }
}

/// Labs that a lab compares itself with: all others that are in business and sell.
fn rivals(world: &World, i: usize) -> impl Iterator<Item = usize> + '_ {
    (0..world.dims.labs).filter(move |&k| {
        k != i && world.labs.alive[k] && world.labs.sells[k] && !world.posture.performance[k].is_nan()
    })
}

fn judge(world: &mut World, ctx: &Context, i: usize, crisis: bool) {
    let p = ctx.parameters;
    let own = world.posture.performance[i];
    if own.is_nan() {
        return;
    }
    let (sum, count) = rivals(world, i).fold((0.0, 0.0), |(s, n), k| (s + world.posture.performance[k], n + 1.0));
    let others = if count > 0.0 { sum / count } else { own };
    let before = world.posture.aspiration[i];
    let social = p.adaptation.social_weight;
    // The first review sets the aspiration.
    let aspiration = if before.is_nan() { (1.0 - social) * own + social * others } else { before };
    world.posture.aspiration[i] = aspiration_after(&p.adaptation, aspiration, own, others);
    let starved = !world.labs.division[i] && world.labs.runway_months[i] < p.adaptation.survival_months;
    let short = crisis || starved || !before.is_nan() && own < aspiration;
    match &p.labs[i].values.strategy.adaptation {
        Adapting::Fixed(_) => {}
        Adapting::Satisficing(s) => satisfice(world, ctx, i, s, own - aspiration, short, starved),
        Adapting::Imitative(s) => {
            if short {
                imitate(world, ctx, i, s);
            }
        }
        Adapting::Learning(s) => learn(world, ctx, i, s, own - aspiration, aspiration, short),
    }
}

/// Lays a shift and counts it.
fn change(world: &mut World, i: usize, shift: crate::strategies::lab::adaptation::Shift) -> bool {
    let changed = world.posture.shift[i] != shift;
    if changed {
        world.posture.shift[i] = shift;
        world.posture.adaptations[i] += 1.0;
    }
    changed
}

/// Small changes, one at a time: what worked goes on, what did not is taken back, and the next search looks elsewhere
/// or the other way (Levinthal and March 1981).
fn satisfice(world: &mut World, ctx: &Context, i: usize, s: &Satisficing, gap: f64, short: bool, starved: bool) {
    let p = ctx.parameters;
    let key = p.labs[i].key;
    let tried = std::mem::replace(&mut world.posture.tried[i], usize::MAX);
    let worked = tried < MOVES && gap > world.posture.gap_when_tried[i];
    if !short {
        return;
    }
    let open = posture::by_scenario(p, i).open;
    if tried < MOVES && !worked {
        let at = i * MOVES + tried;
        world.posture.direction[at] *= -1.0;
        // A method is not taken back: its cost is sunk.
        let shift =
            world.posture.shift[i].stepped(&p.adaptation, Move::ALL[tried], world.posture.direction[at], s.step, open);
        change(world, i, shift);
        return;
    }
    let draw = |of: u64| ctx.draws.uniform(Purpose::Search, key, of, ctx.month.0);
    // What worked and has a direction goes on; else the search looks elsewhere.
    let small = tried <= Move::Markup as usize;
    let what = if small { Move::ALL[tried] } else { where_to_look(draw(0), s.bold_share, lacks_trust(world, ctx, i)) };
    let at = i * MOVES + what as usize;
    if world.posture.direction[at] == 0.0 {
        world.posture.direction[at] = if draw(1) < 0.5 { 1.0 } else { -1.0 };
    }
    // Capex and low prices cost cash now: a lab that runs out of it knows which way to go.
    let direction = match what {
        Move::Build if starved => -1.0,
        Move::Markup if starved => 1.0,
        _ => world.posture.direction[at],
    };
    world.posture.direction[at] = direction;
    let changed = if what == Move::Method {
        adopt_of_most_trusted(world, ctx, i)
    } else {
        let shift = world.posture.shift[i].stepped(&p.adaptation, what, direction, s.step, open);
        change(world, i, shift)
    };
    if changed {
        world.posture.tried[i] = what as usize;
        world.posture.gap_when_tried[i] = gap;
    } else {
        // At the end of the range: next time the other way.
        world.posture.direction[at] = -direction;
    }
}

/// The posture of the rival that does best, if it does better.
fn imitate(world: &mut World, ctx: &Context, i: usize, s: &Imitative) {
    let p = ctx.parameters;
    let own = world.posture.performance[i];
    let best = rivals(world, i).fold(None, |best: Option<usize>, k| match best {
        Some(b) if world.posture.performance[b] >= world.posture.performance[k] => best,
        _ => Some(k),
    });
    let Some(rival) = best.filter(|&k| world.posture.performance[k] > own) else { return };
    let bold = |of: u64| ctx.draws.uniform(Purpose::Search, p.labs[i].key, of, ctx.month.0) < s.bold_share;
    let rival_conduct = posture::conduct(world, p, rival);
    let shift =
        world.posture.shift[i].toward(&p.adaptation, posture::by_scenario(p, i), rival_conduct, s.speed, bold(2));
    change(world, i, shift);
    if bold(4) && mean_trust(world, ctx, rival) > mean_trust(world, ctx, i) {
        let method = world.posture.method[rival];
        if posture::adopt(world, p, i, method) {
            world.posture.adaptations[i] += 1.0;
        }
    }
}

/// Attractions after the payoffs of the review; below aspiration the lab chooses again.
fn learn(world: &mut World, ctx: &Context, i: usize, s: &Learning, payoff: f64, aspiration: f64, short: bool) {
    let p = ctx.parameters;
    let chosen = cell_of(&p.adaptation, posture::conduct(world, p, i));
    // What other cells would have paid is seen at labs that play them; a cell that nobody plays is thought to meet the aspiration.
    let (mut sums, mut counts) = ([0.0; CELLS], [0.0; CELLS]);
    for k in rivals(world, i) {
        let cell = cell_of(&p.adaptation, posture::conduct(world, p, k));
        sums[cell] += world.posture.performance[k] - aspiration;
        counts[cell] += 1.0;
    }
    let mut payoffs = [0.0; CELLS];
    for (cell, out) in payoffs.iter_mut().enumerate() {
        *out = if counts[cell] > 0.0 { sums[cell] / counts[cell] } else { 0.0 };
    }
    payoffs[chosen] = payoff;
    let ewa = Ewa { foregone: s.foregone, retention: s.retention, experience_retention: s.experience_retention };
    let w = &mut world.posture;
    let row = &mut w.attraction[i * ATTRACTIONS..(i + 1) * ATTRACTIONS];
    ewa.update(row, &mut w.experience[i], chosen, &payoffs);
    if !short {
        return;
    }
    let draw = |of: u64| ctx.draws.uniform(Purpose::Search, p.labs[i].key, of, ctx.month.0);
    let cell = choose(row, s.sensitivity, draw(3));
    if cell != chosen {
        let shift = w.shift[i].into_cell(&p.adaptation, posture::by_scenario(p, i), cell);
        change(world, i, shift);
    }
    if draw(4) < s.bold_share && lacks_trust(world, ctx, i) {
        adopt_of_most_trusted(world, ctx, i);
    }
}

/// Trust in a lab, plain mean over jurisdictions; the same for all where all are trusted alike.
fn mean_trust(world: &World, ctx: &Context, i: usize) -> f64 {
    if !ctx.parameters.mechanisms.trust {
        return 1.0;
    }
    let j = world.dims.jurisdictions;
    world.labs.trust[i * j..(i + 1) * j].iter().sum::<f64>() / (j as f64).max(1.0)
}

/// Whether a lab is trusted less than its rivals in the mean.
fn lacks_trust(world: &World, ctx: &Context, i: usize) -> bool {
    let (sum, count) = rivals(world, i).fold((0.0, 0.0), |(s, n), k| (s + mean_trust(world, ctx, k), n + 1.0));
    count > 0.0 && mean_trust(world, ctx, i) < sum / count
}

/// Sets out to adopt the method of the rival that is trusted most; none is where all are trusted alike.
fn adopt_of_most_trusted(world: &mut World, ctx: &Context, i: usize) -> bool {
    if !ctx.parameters.mechanisms.trust {
        return false;
    }
    let best = rivals(world, i).fold(None, |best: Option<usize>, k| match best {
        Some(b) if mean_trust(world, ctx, b) >= mean_trust(world, ctx, k) => best,
        _ => Some(k),
    });
    let Some(rival) = best else { return false };
    let method = world.posture.method[rival];
    let adopts = posture::adopt(world, ctx.parameters, i, method);
    if adopts {
        world.posture.adaptations[i] += 1.0;
    }
    adopts
}

#[cfg(test)]
mod tests;
