//! Hold-up: a cloud on which a lab depends raises its price or refuses growth for a while (section 3.2).

use crate::mechanisms::holdup::hazard;
use crate::random::Purpose;
use crate::step::Context;
use crate::world::World;

/// Begins and ends cases of hold-up.
pub fn arise(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    let (l, c) = (world.dims.labs, world.dims.clouds);
    let months = 12.0 * ctx.dt;
    for months_left in [&mut world.capital.dearer_months, &mut world.capital.refused_months] {
        for left in months_left {
            *left = if p.mechanisms.hold_up { (*left - months).max(0.0) } else { 0.0 };
        }
    }
    if !p.mechanisms.hold_up {
        return;
    }
    for i in (0..l).filter(|&i| world.labs.alive[i]) {
        let total = world.labs.owned_h100e[i] + world.labs.rented_h100e[i];
        for k in 0..c {
            let at = i * c + k;
            let here = world.labs.rented_by_cloud_h100e[at];
            let held = world.capital.dearer_months[at] > 0.0 || world.capital.refused_months[at] > 0.0;
            if here <= 0.0 || total <= 0.0 || held || kin(world, ctx, i, k) {
                continue;
            }
            let (lab, cloud) = (p.labs[i].key, p.clouds[k].key);
            let hazard = hazard(p.hold_up.hazard_per_year, (here / total).min(1.0)) * ctx.dt;
            if !ctx.draws.happens(Purpose::HoldUp, lab, cloud, ctx.month.0, hazard) {
                continue;
            }
            let refuses = ctx.draws.uniform(Purpose::HoldUpKind, lab, cloud, ctx.month.0) < p.hold_up.refusal_share;
            let case = if refuses { &mut world.capital.refused_months } else { &mut world.capital.dearer_months };
            case[at] = p.hold_up.months;
            world.capital.hold_ups[i] += 1.0;
        }
    }
}

/// Whether the cloud belongs to the group that owns the lab: such a cloud does not hold it up.
pub fn kin(world: &World, ctx: &Context, lab: usize, cloud: usize) -> bool {
    let p = ctx.parameters;
    let owner = &p.labs[lab].values.identity.owner;
    world.capital.acquirer_of(lab) == Some(cloud) || !owner.is_empty() && *owner == p.clouds[cloud].values.owner
}

/// Price of rent relative to what others pay, when so many months of a higher price are left.
pub fn dearer(ctx: &Context, months: f64) -> f64 {
    if months > 0.0 { 1.0 + ctx.parameters.hold_up.price_rise } else { 1.0 }
}

/// Takes back the growth that clouds refuse a lab, and asks the other clouds that it plans with for it, as it plans with them.
pub fn refuse(world: &mut World, lab: usize) {
    let c = world.dims.clouds;
    let row = lab * c..(lab + 1) * c;
    if world.capital.refused_months[row.clone()].iter().all(|months| *months == 0.0) {
        return;
    }
    let (mut refused, mut open) = (0.0, 0.0);
    for at in row.clone() {
        let labs = &mut world.labs;
        if world.capital.refused_months[at] > 0.0 {
            let growth = (labs.rented_by_cloud_h100e[at] - labs.rented_before_h100e[at]).max(0.0);
            labs.rented_by_cloud_h100e[at] -= growth;
            refused += growth;
        } else {
            open += labs.cloud_plan[at];
        }
    }
    if open > 0.0 {
        for at in row {
            if world.capital.refused_months[at] == 0.0 {
                world.labs.rented_by_cloud_h100e[at] += refused * world.labs.cloud_plan[at] / open;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;
    use crate::scenario::Parameters;
    use crate::step::capital::fixture;
    use crate::units::Month;

    /// Cases over many runs of three years, with all of the lab's compute spread over so many clouds.
    fn cases(p: &Parameters, clouds: usize) -> f64 {
        let mut sum = 0.0;
        for run in 0..400 {
            let mut world = fixture::world(p);
            world.labs.owned_h100e[0] = 0.0;
            world.labs.rented_h100e[0] = 1e6;
            for k in 0..2 {
                world.labs.rented_by_cloud_h100e[k] = if k < clouds { 1e6 / clouds as f64 } else { 0.0 };
            }
            for month in 0..36 {
                let ctx = Context::new(p, Draws::new(3, run), Month::new(2026, 1).plus(month));
                arise(&mut world, &ctx);
            }
            sum += world.capital.hold_ups[0];
        }
        sum / 400.0
    }

    #[test]
    fn a_lab_on_one_cloud_is_held_up_twice_as_often_as_one_on_two() {
        let mut p = fixture::parameters(1, 1);
        p.hold_up.months = 0.0;
        let (one, two) = (cases(&p, 1), cases(&p, 2));
        // 0.1 a year for three years on one cloud; half of it on two.
        assert!((one - 0.3).abs() < 0.08 && (two - 0.15).abs() < 0.06, "{one} {two}");
        p.mechanisms.hold_up = false;
        assert_eq!(cases(&p, 1), 0.0);
    }

    #[test]
    fn a_cloud_does_not_hold_up_the_lab_of_its_own_group() {
        let mut p = fixture::parameters(1, 1);
        p.hold_up.hazard_per_year = 20.0;
        p.labs[0].values.identity.owner = "group".to_string();
        p.clouds[0].values.owner = "group".to_string();
        assert_eq!(cases(&p, 1), 0.0);
    }

    #[test]
    fn growth_that_one_cloud_refuses_is_asked_of_the_other() {
        let p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        world.labs.rented_before_h100e = vec![100.0, 100.0];
        world.labs.rented_by_cloud_h100e = vec![150.0, 150.0];
        world.capital.refused_months[0] = 6.0;
        refuse(&mut world, 0);
        assert_eq!(world.labs.rented_by_cloud_h100e, vec![100.0, 200.0]);
        // Refused by both, it stays as it was.
        world.labs.rented_by_cloud_h100e = vec![150.0, 150.0];
        world.capital.refused_months[1] = 6.0;
        refuse(&mut world, 0);
        assert_eq!(world.labs.rented_by_cloud_h100e, vec![100.0, 100.0]);
    }

    #[test]
    fn a_cloud_that_holds_a_lab_up_asks_for_more_until_the_case_is_over() {
        let p = fixture::parameters(1, 1);
        let mut world = fixture::world(&p);
        let ctx = fixture::context(&p, 0);
        assert_eq!(dearer(&ctx, world.capital.dearer_months[0]), 1.0);
        world.capital.dearer_months[0] = 1.0;
        assert_eq!(dearer(&ctx, world.capital.dearer_months[0]), 1.25);
        arise(&mut world, &ctx);
        assert_eq!(world.capital.dearer_months[0], 0.0);
    }
}
