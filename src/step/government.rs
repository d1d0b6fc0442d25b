//! Government as a buyer: when its tenders fall (section 3.10).

use crate::mechanisms::government::{interval_months, last_tender, next_tender};
use crate::random::Purpose;
use crate::scenario::Parameters;
use crate::step::Context;
use crate::world::World;
use crate::world::government::{CONTINUOUS, Government};

/// Draws the calendar of tenders of each public sector and jurisdiction: its quarter of the year is its own.
pub fn start(world: &mut World, ctx: &Context) {
    let p = ctx.parameters;
    world.government.clear(&world.dims);
    for (s, sector) in p.sectors.iter().enumerate().filter(|(_, s)| s.values.public) {
        for (g, place) in p.jurisdictions.iter().enumerate() {
            let bits = ctx.draws.bits(Purpose::TenderMonth, sector.key, place.key, 0);
            world.government.tender_phase[s * world.dims.jurisdictions + g] = (bits % 12) as i32;
        }
    }
}

/// When buyers may choose: public ones in their tenders, others whenever their contracts end.
#[derive(Clone, Copy)]
pub struct Calendar<'a> {
    phase: &'a [i32],
    jurisdictions: usize,
    interval: i32,
    months_per_step: i32,
}

impl<'a> Calendar<'a> {
    /// The calendar under these parameters.
    pub fn of(government: &'a Government, p: &Parameters) -> Calendar<'a> {
        Calendar {
            // Without tenders nobody has a phase.
            phase: if p.mechanisms.tenders { &government.tender_phase } else { &[] },
            jurisdictions: p.jurisdictions.len(),
            interval: interval_months(p.government.tenders_per_year),
            months_per_step: p.months_per_step(),
        }
    }
    fn phase(&self, sector: usize, jurisdiction: usize) -> Option<i32> {
        let phase = self.phase.get(sector * self.jurisdictions + jurisdiction).copied();
        phase.filter(|&phase| phase != CONTINUOUS)
    }
    /// The first month from `month` in which a buyer may choose.
    pub fn open_from(&self, sector: usize, jurisdiction: usize, month: i32) -> i32 {
        self.phase(sector, jurisdiction).map_or(month, |phase| next_tender(month, phase, self.interval))
    }
    /// When a buyer whom an incident made look again in the step that ends in `now` may choose, if its contract ends in `due`.
    pub fn reopened(&self, sector: usize, jurisdiction: usize, now: i32, due: i32) -> i32 {
        match self.phase(sector, jurisdiction) {
            None => now,
            Some(phase) => next_tender(now - self.months_per_step + 1, phase, self.interval).min(due),
        }
    }
    /// The end of a contract of `term` months that is signed in month `signed` of the step that ends in `now`: it does not lengthen with
    /// the step, but ends after it.
    pub fn end(&self, sector: usize, jurisdiction: usize, now: i32, signed: i32, term: i32) -> i32 {
        let Some(phase) = self.phase(sector, jurisdiction) else { return (signed + term).max(now + 1) };
        // A tender within the step is dated by its own month, so that the length of steps does not lengthen contracts. Where there
        // was none, a vendor was lost and replaced out of turn.
        let last = last_tender(now, phase, self.interval);
        let signed = if last > now - self.months_per_step { last } else { now };
        next_tender(signed + term, phase, self.interval)
    }
    /// When a buyer whom nobody can serve looks again.
    pub fn again(&self, sector: usize, jurisdiction: usize, now: i32) -> i32 {
        match self.phase(sector, jurisdiction) {
            None => now + self.months_per_step,
            Some(phase) => next_tender(now + 1, phase, self.interval),
        }
    }
}

#[cfg(test)]
mod tests;
