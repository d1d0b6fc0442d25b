//! Regulators respond: salience and stringency move, elections are held, audits bind, labs are fined or shut out
//! (section 3.12).

mod antitrust;
mod enforce;
mod targeted;

pub(in crate::step) use antitrust::ease_of_leaving;
pub(in crate::step) use targeted::draw_propensities;

use crate::mechanisms::regulation::{
    Regulation, burden, capture_tilt, captured, election_within, fine_usd, liability_shifted, regime_after_election,
    salience_after, salience_mean, salience_raised, stringency_after,
};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::scenario::parameters::keyed_or;
use crate::step::{Context, posture};
use crate::strategies::regulator::Posture;
use crate::world::World;

/// What a posture changes: factors on the rise with salience, on the fall with lobbying and on the hazard of targeted
/// action, a factor on the chance that a lab that is found out is shut out, and a drift of stringency per year that needs no cause.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stance {
    rise: f64,
    fall: f64,
    targeted: f64,
    exclusion: f64,
    drift_per_year: f64,
}

/// How far a posture departs from the responsive one, at which the other parameters are stated.
fn stance(p: &Regulation, posture: Posture) -> Stance {
    let responsive = Stance { rise: 1.0, fall: 1.0, targeted: 1.0, exclusion: 1.0, drift_per_year: 0.0 };
    match posture {
        Posture::Responsive => responsive,
        Posture::LaissezFaire => Stance {
            rise: p.laissez_faire_rise,
            fall: p.laissez_faire_fall,
            exclusion: p.laissez_faire_exclusion,
            ..responsive
        },
        Posture::Precautionary => Stance {
            rise: p.precautionary_rise,
            fall: p.precautionary_fall,
            exclusion: p.precautionary_exclusion,
            drift_per_year: p.precautionary_drift_per_year,
            ..responsive
        },
        Posture::Adversarial => {
            Stance { targeted: p.adversarial_targeted, exclusion: p.adversarial_exclusion, ..responsive }
        }
    }
}

/// Resolves the names of jurisdictions, labs and sectors in the parameters, so that no month compares strings. Needed at the
/// start and whenever an event changes the parameters.
pub fn index_names(world: &mut World, parameters: &Parameters) {
    let j = world.dims.jurisdictions;
    let r = &mut world.regulators;
    for (i, agent) in parameters.labs.iter().enumerate() {
        for (g, place) in parameters.jurisdictions.iter().enumerate() {
            let rules = parameters.regulators.get(r.regulator[g]).map(|k| &k.values.parameters);
            let named = |list: &[String]| list.contains(&agent.id);
            let from = &agent.values.identity.jurisdiction;
            r.listed_excluded[i * j + g] = rules.is_some_and(|k| named(&k.excluded_labs));
            r.outlawed[i * j + g] =
                rules.is_some_and(|k| named(&k.banned_labs) || k.banned_jurisdictions.contains(from));
            r.listed_banned[i * j + g] =
                r.outlawed[i * j + g] || agent.values.parameters.absent_from.contains(&place.id);
        }
        world.government.refuses_public[i] = false;
        for (s, sector) in parameters.sectors.iter().enumerate() {
            let refused = parameters.mechanisms.red_lines && agent.values.parameters.red_lines.contains(&sector.id);
            world.government.refused[i * world.dims.sectors + s] = refused;
            world.government.refuses_public[i] |= refused && sector.values.public;
        }
    }
    control_exports(world, parameters);
    shut_out(world, parameters);
}

/// What export controls leave each lab: every regulator that controls its jurisdiction raises the price, and the tightest sets supply.
fn control_exports(world: &mut World, parameters: &Parameters) {
    let on = parameters.mechanisms.regulation && parameters.mechanisms.export_controls;
    for (i, agent) in parameters.labs.iter().enumerate() {
        let (mut price, mut supply) = (1.0, 1.0f64);
        for rules in parameters.regulators.iter().map(|k| &k.values.parameters).filter(|_| on) {
            price *= keyed_or(&rules.export_price, &agent.values.identity.jurisdiction, 1.0);
            supply = supply.min(keyed_or(&rules.export_supply, &agent.values.identity.jurisdiction, 1.0));
        }
        world.regulators.export_price[i] = price;
        world.regulators.export_supply[i] = supply;
    }
}

/// Moves regulation through the step.
pub fn respond(world: &mut World, ctx: &Context) {
    world.regulators.fines_usd.fill(0.0);
    world.regulators.licence_fees_usd.fill(0.0);
    if ctx.parameters.mechanisms.regulation {
        for g in 0..world.dims.jurisdictions {
            if world.regulators.regulator[g] != usize::MAX {
                move_stringency(world, ctx, g);
            }
        }
        targeted::target(world, ctx);
        fine(world, ctx);
        enforce::enforce(world, ctx);
        antitrust::proceed(world, ctx);
    }
    drop_what_is_off(world, ctx);
    take_stock(world, ctx);
    targeted::publicise(world, ctx);
}

/// Cases, remedies and sanctions of what is switched off end: an event may do so in mid-run.
fn drop_what_is_off(world: &mut World, ctx: &Context) {
    let m = &ctx.parameters.mechanisms;
    let r = &mut world.regulators;
    if !m.regulation || !m.targeted_action {
        r.targeted_months_left.fill(0.0);
    }
    if !m.regulation || !m.antitrust {
        r.antitrust_months_left.fill(0.0);
        r.remedy_months_left.fill(0.0);
    }
    if !m.regulation || !m.enforcement {
        r.violating.fill(false);
        r.sanction_months_left.fill(0.0);
        r.probation_months_left.fill(0.0);
    }
    if !m.regulation {
        r.fines_by_month.fill(0.0);
    }
}

/// What follows from the state of regulation: who is shut out, which audits and licences bind, who bears harm, what compliance costs,
/// what buyers fear.
pub fn take_stock(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    draw_propensities(world, ctx);
    shut_out(world, p);
    let on = p.mechanisms.regulation;
    for g in 0..world.dims.jurisdictions {
        let tilt =
            if on && p.mechanisms.capture { tilt(world, ctx, g) - world.regulators.capture_start[g] } else { 0.0 };
        let r = &mut world.regulators;
        let ruled = on && r.regulator[g] != usize::MAX;
        (r.audit_threshold[g], r.readiness_saving[g]) =
            captured(p.regulation.audit_threshold, p.regulation.readiness_saving, p.regulation.capture, tilt);
        let by_law = p.regulators.get(r.regulator[g]).map(|k| &k.values.parameters);
        let (audits, licences) = by_law.map_or((false, false), |k| (k.audits_mandatory, k.licensing_mandatory));
        r.audits_in_force[g] = ruled && p.mechanisms.audits && (audits || r.stringency[g] >= r.audit_threshold[g]);
        r.licensing_in_force[g] =
            ruled && p.mechanisms.licensing && (licences || r.stringency[g] >= p.regulation.licensing_threshold);
        r.liability_shifted[g] = if ruled && p.mechanisms.liability_law {
            liability_shifted(p.regulation.liability_shift, r.stringency[g])
        } else {
            0.0
        };
    }
    count_cases(world);
    for i in 0..world.dims.labs {
        let compliance = compliance_share(world, ctx, i).min(1.0);
        world.labs.compliance_share[i] = compliance;
        world.labs.legal_share[i] = legal_share(world, ctx, i).min(1.0 - compliance);
    }
    for g in 0..world.dims.jurisdictions {
        let politics = targeted::Politics::of(world, ctx, g);
        for i in 0..world.dims.labs {
            let hazard = politics.as_ref().map_or(0.0, |politics| politics.hazard(world, ctx, i));
            world.labs.loss_hazard[i * world.dims.jurisdictions + g] = p.regulation.anticipation * hazard;
        }
    }
}

/// One jurisdiction: elections of the step, then stringency under the salience of the step, then salience itself.
fn move_stringency(world: &mut World, ctx: &Context, g: usize) {
    let p = ctx.parameters;
    let key = p.jurisdictions[g].key;
    let rules = &p.regulators[world.regulators.regulator[g]].values.parameters;
    let lobbying = lobbying(world, ctx, g);
    let pulse = world.environment.salience_pulse;
    let before = ctx.month.plus(-ctx.months);
    let r = &mut world.regulators;
    if let Some(month) = election_within(rules.next_election, rules.election_interval_months as i32, before, ctx.month)
    {
        let u = ctx.draws.uniform(Purpose::Election, key, 0, month.0);
        r.regime[g] = regime_after_election(r.regime[g], rules.turnover, u);
    }
    r.salience[g] = salience_raised(r.salience[g], pulse, p.incidents.salience);
    let stance = stance(&p.regulation, rules.posture);
    let salience = salience_mean(r.salience[g], p.regulation.salience_decay_per_year, ctx.dt);
    let rise = p.regulation.salience_response_per_year * stance.rise * salience;
    let fall = p.regulation.lobbying_response_per_year * stance.fall * lobbying * rules.influence;
    // A regime pushes one way for its term, and chance pushes either way: its variance grows with time.
    let noise = ctx.news(Purpose::RegimeDrift, key, 0) / ctx.dt.sqrt();
    let drift = p.regulation.regime_drift_sd * (r.regime[g] + noise) + stance.drift_per_year;
    r.stringency[g] = stringency_after(r.stringency[g], rise, fall, drift, ctx.dt);
    r.salience[g] = salience_after(r.salience[g], p.regulation.salience_decay_per_year, ctx.dt);
}

/// Lobbying of the labs relative to the mean lab, weighted by trust in them: a trusted lab has more say in the rules.
fn lobbying(world: &World, ctx: &Context, g: usize) -> f64 {
    let j = world.dims.jurisdictions;
    let (mut said, mut weight) = (0.0, 0.0);
    for (i, agent) in ctx.parameters.labs.iter().enumerate() {
        if world.labs.alive[i] {
            let trust = if ctx.parameters.mechanisms.trust { world.labs.trust[i * j + g] } else { 1.0 };
            said += trust * agent.values.parameters.lobbying;
            weight += trust;
        }
    }
    if weight > 0.0 { said / weight } else { 0.0 }
}

/// How far what labs say about the rules of a jurisdiction leans to readiness.
pub fn tilt(world: &World, ctx: &Context, g: usize) -> f64 {
    let p = ctx.parameters;
    let (labs, j) = (&world.labs, world.dims.jurisdictions);
    let Some(regulator) = p.regulators.get(world.regulators.regulator[g]) else { return 0.0 };
    let voices = p.labs.iter().enumerate().filter(|&(i, _)| labs.alive[i]).map(|(i, agent)| {
        let trust = if p.mechanisms.trust { labs.trust[i * j + g] } else { 1.0 };
        (trust * agent.values.parameters.lobbying, posture::audit_readiness(world, p, i))
    });
    capture_tilt(regulator.values.parameters.influence, voices)
}

/// Fines under other law: more likely under strict rules, less for a lab that is ready and safe.
fn fine(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    // The cells of this step's months, a year old, make room.
    for back in 0..ctx.months {
        let month = ctx.month.plus(-back).0.rem_euclid(12) as usize;
        for g in 0..j {
            world.regulators.fines_by_month[g * 12 + month] = 0.0;
        }
    }
    if !p.mechanisms.fines {
        return;
    }
    let month = ctx.month.0.rem_euclid(12) as usize;
    for (i, agent) in p.labs.iter().enumerate() {
        let run_rate = world.labs.run_rate_usd[i];
        if !world.labs.alive[i] || run_rate <= 0.0 {
            continue;
        }
        let readiness = posture::audit_readiness(world, p, i);
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let r = &mut world.regulators;
            if r.regulator[g] == usize::MAX || world.labs.excluded[i * j + g] {
                continue;
            }
            let burden = burden(r.readiness_saving[g], readiness, world.labs.safety[i]);
            let hazard = p.regulation.fine_hazard_per_year * r.stringency[g] * burden * ctx.dt;
            if ctx.draws.happens(Purpose::Fine, agent.key, place.key, ctx.month.0, hazard) {
                r.fines_usd[i] += fine_usd(p.regulation.fine_floor_usd, p.regulation.fine_share, run_rate);
                r.fines_by_month[g * 12 + month] += 1.0;
            }
        }
    }
}

/// Who is shut out: by targeted action or a listed exclusion from public buyers; by a ban, a sanction or its own absence from all.
fn shut_out(world: &mut World, parameters: &Parameters) {
    let acts = parameters.mechanisms.regulation && parameters.mechanisms.targeted_action;
    let enforced = parameters.mechanisms.regulation && parameters.mechanisms.enforcement;
    let r = &world.regulators;
    let from_public = r.targeted_months_left.iter().zip(&r.listed_excluded);
    for (excluded, (months, listed)) in world.labs.excluded_public.iter_mut().zip(from_public) {
        *excluded = acts && *months > 0.0 || *listed;
    }
    let from_all = r.sanction_months_left.iter().zip(&r.listed_banned);
    for (excluded, (months, listed)) in world.labs.excluded.iter_mut().zip(from_all) {
        *excluded = enforced && *months > 0.0 || *listed;
    }
}

fn count_cases(world: &mut World) {
    let j = world.dims.jurisdictions;
    let r = &mut world.regulators;
    for (cases, fines) in r.cases_open.iter_mut().zip(r.fines_by_month.as_chunks::<12>().0) {
        *cases = fines.iter().sum();
    }
    for months_left in [&r.targeted_months_left, &r.antitrust_months_left] {
        for of_lab in months_left.chunks_exact(j.max(1)) {
            for (cases, months) in r.cases_open.iter_mut().zip(of_lab) {
                *cases += f64::from(u8::from(*months > 0.0));
            }
        }
    }
}

/// Share of a lab's revenue that compliance costs: by where its enterprise customers are, and where it keeps the rules.
fn compliance_share(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let j = world.dims.jurisdictions;
    if !p.mechanisms.regulation || !world.labs.alive[i] {
        return 0.0;
    }
    let Some(by) = world.demand.by_jurisdiction_usd.get(i * j..(i + 1) * j) else {
        return 0.0;
    };
    let all: f64 = by.iter().sum();
    if all <= 0.0 {
        return 0.0;
    }
    let r = &world.regulators;
    let (readiness, safety) = (posture::audit_readiness(world, p, i), world.labs.safety[i]);
    // The burden is linear in what readiness saves: the saving of the parameters, then what capture has added to it.
    let (mut strict, mut captured) = (0.0, 0.0);
    for g in (0..j).filter(|&g| r.audits_in_force[g] && !r.violating[i * j + g]) {
        let weight = by[g] / all * r.stringency[g];
        strict += weight;
        captured += weight * (r.readiness_saving[g] - p.regulation.readiness_saving);
    }
    p.regulation.compliance_share * strict * burden(p.regulation.readiness_saving, readiness, safety)
        - p.regulation.compliance_share * captured * readiness * safety
}

/// Share of revenue that a lab spends on its defence: it fights its home government, and leaves where it is not wanted abroad.
fn legal_share(world: &World, ctx: &Context, i: usize) -> f64 {
    let p = ctx.parameters;
    let home = world.regulators.home[i];
    let fights = p.mechanisms.regulation && p.mechanisms.legal_fights && world.labs.alive[i] && home != usize::MAX;
    if fights && world.labs.excluded_public[i * world.dims.jurisdictions + home] {
        p.regulation.legal_share
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
