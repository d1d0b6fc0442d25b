//! The strategy of a lab that is in force: what the scenario sets, plus what the lab has changed of it since the start.
//!
//! Every phase reads strategies here and nowhere else. Where nothing was adapted each function returns the scenario's value
//! to the last bit. Shifts stand on top of whatever the scenario sets, so that an event that sets a strategy still does;
//! what has no half (openness, method) goes back to the scenario when an event changes it there.

use crate::math::exp;
use crate::mechanisms::safety::{Method, MethodEffects};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::step::Context;
use crate::strategies::lab::adaptation::{Adapting, Conduct, Shift, cell_of, safety_at};
use crate::strategies::lab::allocation::Split;
use crate::strategies::lab::pricing::Seen;
use crate::world::posture::{ATTRACTIONS, MOVES};
use crate::world::{World, refill};

/// Nothing adapted, boards quiet. Before anything that reads a strategy.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let l = p.labs.len();
    let w = &mut world.posture;
    refill(&mut w.shift, l, Shift::default());
    refill(&mut w.method, l, Method::default());
    refill(&mut w.method_asked, l, Method::default());
    refill(&mut w.open_asked, l, false);
    refill(&mut w.retrofit_to, l, None);
    for column in [
        &mut w.retrofit_months,
        &mut w.safety_at_start,
        &mut w.adaptations,
        &mut w.months_since_review,
        &mut w.share_before,
        &mut w.business_before_usd,
        &mut w.value_before_usd,
        &mut w.gap_when_tried,
        &mut w.crisis_hazard,
        &mut w.crises,
    ] {
        refill(column, l, 0.0);
    }
    refill(&mut w.performance, l, f64::NAN);
    refill(&mut w.aspiration, l, f64::NAN);
    refill(&mut w.stability, l, 1.0);
    refill(&mut w.experience, l, 1.0);
    refill(&mut w.tried, l, usize::MAX);
    refill(&mut w.review_now, l, false);
    refill(&mut w.ordered, l, false);
    refill(&mut w.direction, l * MOVES, 0.0);
    refill(&mut w.attraction, l * ATTRACTIONS, 0.0);
    refill(&mut world.labs.own_share, l, 1.0);
    for (i, agent) in p.labs.iter().enumerate() {
        let lab = &agent.values;
        let w = &mut world.posture;
        w.method[i] = lab.alignment.method;
        w.method_asked[i] = lab.alignment.method;
        w.open_asked[i] = lab.strategy.openness.published(f64::MAX);
        w.safety_at_start[i] = lab.strategy.allocation.split().safety;
        // Reviews of labs do not fall in one month.
        if let Some(months) = lab.strategy.adaptation.review_months() {
            w.months_since_review[i] = months * ctx.draws.uniform(Purpose::ReviewPhase, agent.key, 0, 0);
        }
        if let Adapting::Learning(learning) = &lab.strategy.adaptation {
            world.posture.experience[i] = learning.prior_experience;
            let cell = cell_of(&p.adaptation, by_scenario(p, i));
            world.posture.attraction[i * ATTRACTIONS + cell] = learning.head_start;
        }
    }
}

/// Looks whether events have changed what has no half. To be called whenever parameters change.
pub fn follow(world: &mut World, p: &Parameters) {
    if !p.mechanisms.adaptation {
        withdraw(world, p);
    }
    for i in 0..world.posture.retrofit_to.len() {
        // Where another method costs nothing, one under way is in force at once.
        if let Some(method) = world.posture.retrofit_to[i].filter(|_| !p.mechanisms.retrofit) {
            (world.posture.retrofit_to[i], world.posture.retrofit_months[i]) = (None, 0.0);
            put_in_force(world, p, i, method);
        }
    }
    for (i, agent) in p.labs.iter().enumerate() {
        let (open, method) = (agent.values.strategy.openness.published(f64::MAX), agent.values.alignment.method);
        if world.posture.open_asked[i] != open {
            world.posture.open_asked[i] = open;
            world.posture.shift[i].open = 0.0;
        }
        if world.posture.method_asked[i] != method {
            world.posture.method_asked[i] = method;
            adopt(world, p, i, method);
        }
    }
}

/// Takes back all that labs have adapted, and what they remember of it: strategies are again those of the scenario.
fn withdraw(world: &mut World, p: &Parameters) {
    let w = &mut world.posture;
    w.shift.fill(Shift::default());
    w.performance.fill(f64::NAN);
    w.aspiration.fill(f64::NAN);
    w.review_now.fill(false);
    w.tried.fill(usize::MAX);
    for i in 0..p.labs.len() {
        let asked = world.posture.method_asked[i];
        // A retrofit that the scenario asked for goes on.
        if world.posture.retrofit_to[i] != Some(asked) {
            (world.posture.retrofit_to[i], world.posture.retrofit_months[i]) = (None, 0.0);
            if world.posture.method[i] != asked {
                put_in_force(world, p, i, asked);
            }
        }
    }
}

/// Sets out to adopt a method of alignment; without the cost of retrofits it is in force at once. Returns whether anything changes.
pub fn adopt(world: &mut World, p: &Parameters, i: usize, method: Method) -> bool {
    let w = &mut world.posture;
    if w.retrofit_to[i] == Some(method) || w.retrofit_to[i].is_none() && w.method[i] == method {
        return false;
    }
    w.retrofit_to[i] = None;
    w.retrofit_months[i] = 0.0;
    if w.method[i] == method {
        // The work towards another method is given up.
        return true;
    }
    if p.mechanisms.retrofit {
        w.retrofit_to[i] = Some(method);
        w.retrofit_months[i] = p.safety.retrofit(method).months;
    } else {
        put_in_force(world, p, i, method);
    }
    true
}

fn put_in_force(world: &mut World, p: &Parameters, i: usize, method: Method) {
    world.posture.method[i] = method;
    world.labs.blind_spot[i] = p.safety.effects(method).blind_spot;
}

/// Moves retrofits on; those that are done are in force from the next month.
pub fn retrofit(world: &mut World, ctx: &Context) {
    for i in 0..world.dims.labs {
        let Some(method) = world.posture.retrofit_to[i] else { continue };
        world.posture.retrofit_months[i] -= 12.0 * ctx.dt;
        if world.posture.retrofit_months[i] <= 1e-9 || !world.labs.alive[i] {
            world.posture.retrofit_to[i] = None;
            world.posture.retrofit_months[i] = 0.0;
            if world.labs.alive[i] {
                put_in_force(world, ctx.parameters, i, method);
            }
        }
    }
}

/// Split of budget and research compute.
pub fn split(world: &World, p: &Parameters, i: usize) -> Split {
    let mut split = p.labs[i].values.strategy.allocation.split();
    if world.posture.shift[i].tilt != 0.0 {
        split.safety = safety_share(world, p, i);
        split.research = split.research.min(1.0 - split.safety);
    }
    split
}

/// Safety's share of research compute alone.
pub fn safety_share(world: &World, p: &Parameters, i: usize) -> f64 {
    safety_at(&p.adaptation, p.labs[i].values.strategy.allocation.split().safety, world.posture.shift[i].tilt)
}

/// Safety below which a model is held back.
pub fn gate(world: &World, p: &Parameters, i: usize) -> f64 {
    let gate = p.labs[i].values.strategy.release.gate();
    let tilt = world.posture.shift[i].tilt;
    let most = p.adaptation.gate_cap.max(gate);
    if tilt == 0.0 { gate } else { (gate * exp(-tilt * p.adaptation.gate_span)).min(most) }
}

/// Share of new compute that is built and owned.
pub fn build_share(world: &World, p: &Parameters, i: usize) -> f64 {
    let share = p.labs[i].values.compute.build_share;
    // A lab with no cloud to rent from can only build.
    let rents = !p.labs[i].values.compute.clouds.is_empty();
    let shift = if rents { world.posture.shift[i].build } else { 0.0 };
    if shift == 0.0 { share } else { (share + shift).clamp(0.0, 1.0) }
}

/// Whether the weights of a model released `months` ago are public. Weights that are out stay out: a lab that closes does so
/// with its next model.
pub fn published(world: &World, p: &Parameters, i: usize, months: f64) -> bool {
    match world.posture.shift[i].open {
        shift if shift > 0.0 => true,
        shift if shift < 0.0 => false,
        _ => p.labs[i].values.strategy.openness.published(months),
    }
}

/// Whether weights that are out stay so until the next model.
pub fn stays_public(world: &World, p: &Parameters, i: usize) -> bool {
    world.posture.shift[i].open < 0.0 || published(world, p, i, f64::MAX)
}

/// Share of its enterprise tokens that a lab will serve itself once all customers have moved; [`crate::step::settle`] moves them. Who
/// publishes weights has hosts as competitors; who does not, has none.
pub fn own_share_aim(world: &World, p: &Parameters, i: usize) -> f64 {
    let own = p.labs[i].values.parameters.api_share;
    if own < 1.0 {
        return if world.labs.open[i] { own } else { 1.0 };
    }
    if world.labs.open[i] && world.posture.shift[i].open > 0.0 { p.adaptation.opened_api_share } else { own }
}

/// Markup aimed at.
pub fn markup(world: &World, p: &Parameters, i: usize, seen: Seen) -> f64 {
    let aim = p.labs[i].values.strategy.pricing.aim(seen);
    let shift = world.posture.shift[i].markup;
    if shift == 0.0 { aim } else { (1.0 + aim) * exp(shift) - 1.0 }
}

/// What the method of alignment in force changes.
pub fn effects(world: &World, p: &Parameters, i: usize) -> MethodEffects {
    p.safety.effects(world.posture.method[i])
}

/// Factor on what a jump of capability costs in safety under a method.
pub fn jump_factor(p: &Parameters, method: Method) -> f64 {
    if p.mechanisms.alignment_traits { p.safety.effects(method).jump_factor } else { 1.0 }
}

/// Factor on the loss of utility by over-refusal.
pub fn over_refusal(world: &World, p: &Parameters, i: usize) -> f64 {
    if p.mechanisms.alignment_traits { effects(world, p, i).over_refusal } else { 1.0 }
}

/// Readiness for audits: the lab's, which was judged under the method of the start, and what another method adds.
pub fn audit_readiness(world: &World, p: &Parameters, i: usize) -> f64 {
    let lab = &p.labs[i].values;
    let own = lab.parameters.audit_readiness;
    if !p.mechanisms.alignment_traits || world.posture.method[i] == lab.alignment.method_at_start {
        return own;
    }
    let before = p.safety.effects(lab.alignment.method_at_start).readiness;
    (own + effects(world, p, i).readiness - before).clamp(0.0, 1.0)
}

/// Part of how a lab aligns its models that anybody can read: all of it where weights are out.
pub fn published_method(p: &Parameters, open: bool, method: Method) -> f64 {
    if open {
        1.0
    } else if p.mechanisms.alignment_traits {
        p.safety.effects(method).published
    } else {
        0.0
    }
}

/// Factor on the cost of serving against the method of the start.
pub fn serving_factor(world: &World, p: &Parameters, i: usize) -> f64 {
    let at_start = p.labs[i].values.alignment.method_at_start;
    if !p.mechanisms.alignment_traits || world.posture.method[i] == at_start {
        return 1.0;
    }
    (1.0 + effects(world, p, i).serving_overhead) / (1.0 + p.safety.effects(at_start).serving_overhead)
}

/// Staff, labels and people of a retrofit, USD per year. Labels of the method of the start are within the share for staff.
pub fn staff_usd(world: &World, p: &Parameters, i: usize) -> f64 {
    let mut share = split(world, p, i).staff;
    let at_start = p.labs[i].values.alignment.method_at_start;
    if p.mechanisms.alignment_traits && world.posture.method[i] != at_start {
        share += effects(world, p, i).label_share - p.safety.effects(at_start).label_share;
    }
    if let Some(to) = world.posture.retrofit_to[i] {
        let work = p.safety.retrofit(to);
        if work.months > 0.0 {
            share += work.cost_share * 12.0 / work.months;
        }
    }
    share.max(0.0) * world.labs.budget_usd[i]
}

/// Share of training compute that the method, and a retrofit under way, take.
pub fn training_overhead(world: &World, p: &Parameters, i: usize) -> f64 {
    let own = effects(world, p, i).overhead;
    if world.posture.retrofit_to[i].is_some() { own + p.safety.retrofit_compute_share } else { own }
}

/// Conduct by the scenario alone.
pub fn by_scenario(p: &Parameters, i: usize) -> Conduct {
    let lab = &p.labs[i].values;
    Conduct {
        safety: lab.strategy.allocation.split().safety,
        build: lab.compute.build_share,
        open: lab.strategy.openness.published(f64::MAX),
    }
}

/// Conduct in force.
pub fn conduct(world: &World, p: &Parameters, i: usize) -> Conduct {
    Conduct {
        safety: safety_share(world, p, i),
        build: build_share(world, p, i),
        open: published(world, p, i, f64::MAX),
    }
}

/// Scale against trust, 0 to 1: the mean of two shares, that of capability in effort where 2.5% of research compute for safety
/// counts as half, and what the release gate lets pass of the range of safety.
pub fn scale_tilt(world: &World, p: &Parameters, i: usize) -> f64 {
    let safety = safety_share(world, p, i);
    let divide = p.adaptation.trust_divide;
    let gate = if p.mechanisms.release_gate { gate(world, p, i) } else { 0.0 };
    0.5 * divide / (divide + safety) + 0.5 * (1.0 - gate)
}
