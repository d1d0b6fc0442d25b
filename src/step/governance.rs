//! Boards meet: crises of governance, what they cost, and how labs calm down after them (section 3.14).

use crate::mechanisms::governance::{
    Form, calmed, excess_hazard, growth_pressure, hazard, mission_drift, research_done, severity, shaken, strain,
};
use crate::mechanisms::trust::trust;
use crate::random::Purpose;
use crate::step::{Context, capital, posture};
use crate::strategies::lab::adaptation::{Adapting, Move};
use crate::world::World;

/// Lives the step of every board: unrest fades, hazards follow strains, and some boards break.
pub fn convene(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    if !p.mechanisms.governance {
        world.posture.stability.fill(1.0);
        world.posture.crisis_hazard.fill(0.0);
        return;
    }
    let g = &p.governance;
    let mut broken = false;
    for i in 0..world.dims.labs {
        if !world.labs.alive[i] {
            world.posture.crisis_hazard[i] = 0.0;
            continue;
        }
        let agent = &p.labs[i];
        let ordered = agent.values.governance.crisis;
        let strain = strain_on(world, ctx, i);
        let form = form(world, ctx, i);
        let w = &mut world.posture;
        w.stability[i] = calmed(w.stability[i], g.recovery_years, ctx.dt);
        w.crisis_hazard[i] = hazard(g, form, world.labs.outside_control[i], strain);
        let now = ordered && !w.ordered[i];
        w.ordered[i] = ordered;
        if now || ctx.draws.happens(Purpose::BoardCrisis, agent.key, 0, ctx.month.0, w.crisis_hazard[i] * ctx.dt) {
            break_out(world, ctx, i);
            broken = true;
        }
    }
    if broken {
        capital::mark_holdings(world);
    }
}

/// A crisis: it costs calm, trust and value, and may turn the strategy.
fn break_out(world: &mut World, ctx: &Context, i: usize) {
    let p = ctx.parameters;
    let g = &p.governance;
    let (key, j) = (p.labs[i].key, world.dims.jurisdictions);
    let severity = severity(g, ctx.draws.normal(Purpose::BoardSeverity, key, 0, ctx.month.0));
    let w = &mut world.posture;
    w.crises[i] += 1.0;
    w.stability[i] = shaken(w.stability[i], g.depth, severity);
    let labs = &mut world.labs;
    labs.sentiment[i] -= g.value_loss * severity;
    for at in i * j..(i + 1) * j {
        labs.bad_evidence[at] += g.bad_evidence * severity;
        let bad = labs.bad_evidence[at] + labs.thin_evidence[at];
        labs.trust[at] = trust(labs.good_evidence[at], bad, labs.trust_ceiling[at]);
    }
    capital::mark(world, ctx, i);
    turn(world, ctx, i);
}

/// Whoever wins turns a lab that can change toward growth or back to its mission, and strategy is reviewed at once.
fn turn(world: &mut World, ctx: &Context, i: usize) {
    let p = ctx.parameters;
    let adapting = &p.labs[i].values.strategy.adaptation;
    if !p.mechanisms.adaptation || matches!(adapting, Adapting::Fixed(_)) {
        return;
    }
    let step = if let Adapting::Satisficing(s) = adapting { s.step } else { 0.25 };
    let u = ctx.draws.uniform(Purpose::BoardTurn, p.labs[i].key, 0, ctx.month.0);
    let direction = if u < p.governance.growth_wins { 1.0 } else { -1.0 };
    let before = world.posture.shift[i];
    let after = before.stepped(&p.adaptation, Move::Tilt, direction, step, false);
    if after != before {
        world.posture.shift[i] = after;
        world.posture.adaptations[i] += 1.0;
    }
    world.posture.review_now[i] = true;
}

/// Form of governance in force: a lab that a group has bought is a division of it.
fn form(world: &World, ctx: &Context, i: usize) -> Form {
    if world.capital.acquired[i] { Form::CorporateDivision } else { ctx.parameters.labs[i].values.governance.form }
}

/// Factor on the hazard of a lab's board by growth promised, mission left and events.
fn strain_on(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    // Nobody who paid for growth is left in a lab that a group has bought.
    let round = if world.capital.acquired[i] { 0.0 } else { world.labs.last_round_usd[i] };
    let pressure = growth_pressure(round, world.investors.ln_fundamental[i]);
    let drift =
        mission_drift(world.posture.safety_at_start[i], posture::safety_share(world, p, i), p.governance.strain_cap);
    strain(&p.governance, pressure, drift, p.labs[i].values.governance.crisis_hazard_factor)
}

/// Hazard of a crisis beyond that of an ordinary board which keeps its own control, as investors see it, per year.
pub fn hazard_priced(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let (form, strain) = if p.mechanisms.governance {
        (form(world, ctx, i), strain_on(world, ctx, i))
    } else {
        (Form::PublicBenefit, 1.0)
    };
    excess_hazard(&p.governance, form, world.labs.outside_control[i], strain)
}

/// Research that a lab's people do, relative to quiet times: a crisis drives some away, and legal fights draw effort in proportion
/// to what they cost (section 3.3).
pub fn research_factor(world: &World, ctx: &Context, i: usize) -> f64 {
    research_done(ctx.parameters.governance.people_share, world.posture.stability[i])
        * (1.0 - world.labs.legal_share[i])
}

#[cfg(test)]
mod tests;
