//! Whether and how a lab changes its strategy with experience (section 3.15). What it moves is a [`Shift`] from the
//! strategy that the scenario sets: the strategy in force is the scenario's plus the shift.

use crate::math::{exp, ln};
use crate::mechanisms::adaptation::Adaptation;
use crate::{strategy, table};

table! {
    /// No parameters.
    pub struct Fixed: Parameter {}
}
table! {
    /// Small changes when performance falls short.
    pub struct Satisficing: Parameter {
        /// Months from one review to the next.
        review_months: f64 = 6.0, "months", [1.0, 60.0], Prior, "two to four quarters";
        /// Size of one change, as a share of the whole range.
        step: f64 = 0.25, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Share of searches that try what cannot be done by halves: openness, or another method of alignment where trust lacks.
        bold_share: f64 = 0.06, "fraction", [0.0, 1.0], Prior, "judgement: small changes first; a lab has opened or closed its flagship about once in thirty lab-years";
    }
}
table! {
    /// The posture of the rival that does best, when performance falls short.
    pub struct Imitative: Parameter {
        /// Months from one review to the next.
        review_months: f64 = 6.0, "months", [1.0, 60.0], Prior, "two to four quarters";
        /// Part of the distance to the rival's posture that one review covers.
        speed: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "judgement";
        /// Chance that a review copies what cannot be done by halves: openness, and the method of a rival that is trusted more.
        bold_share: f64 = 0.15, "fraction", [0.0, 1.0], Prior, "judgement";
    }
}
table! {
    /// Experience-weighted attraction over scale or trust, build or partner, closed or open.
    pub struct Learning: Parameter {
        /// Months from one review to the next.
        review_months: f64 = 6.0, "months", [1.0, 60.0], Prior, "two to four quarters";
        /// Weight of payoffs forgone, as seen at labs that play them.
        foregone: f64 = 0.5, "fraction", [0.0, 1.0], Prior, "Camerer and Ho (1999): 0 to 0.8 across games, near 0.5";
        /// Retention of attractions.
        retention: f64 = 0.9, "fraction", [0.0, 1.0], Prior, "Camerer and Ho (1999): 0.8 to 1";
        /// Retention of experience.
        experience_retention: f64 = 0.8, "fraction", [0.0, 1.0], Prior, "Camerer and Ho (1999): 0 to 1";
        /// Sensitivity of choice to attraction.
        sensitivity: f64 = 4.0, "1 per ln per year", [0.0, 1000.0], Prior, "judgement: wide";
        /// Experience at the start, in reviews: how slowly first lessons move what is believed.
        prior_experience: f64 = 5.0, "reviews", [0.0, 1000.0], Prior, "judgement: the long-run experience at the retention of 0.8";
        /// What the posture of the start has earned in advance.
        head_start: f64 = 1.0, "ln per year", [0.0, 10.0], Prior, "judgement: habits and contracts favour it";
        /// Chance that a review below aspiration takes over the method of the rival trusted most, where trust lacks: methods are no cells.
        bold_share: f64 = 0.06, "fraction", [0.0, 1.0], Prior, "judgement: as for small changes";
    }
}

strategy! {
    /// Whether and how a lab changes its strategy.
    pub enum Adapting {
        /// The strategy stays as the scenario sets it.
        "fixed" => Fixed(Fixed),
        /// Small changes while performance is below aspiration; those that worked go on.
        "satisficing" => Satisficing(Satisficing),
        /// Copies the rival that does best while performance is below aspiration.
        "imitative" => Imitative(Imitative),
        /// Learns from payoffs, its own and others', what to be.
        "learning" => Learning(Learning),
    }
}

impl Adapting {
    /// Months from one review to the next; none for a lab that never changes.
    pub fn review_months(&self) -> Option<f64> {
        match self {
            Adapting::Fixed(_) => None,
            Adapting::Satisficing(s) => Some(s.review_months),
            Adapting::Imitative(s) => Some(s.review_months),
            Adapting::Learning(s) => Some(s.review_months),
        }
    }
}

/// What a lab does, or would do by the scenario alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conduct {
    /// Share of research compute for safety.
    pub safety: f64,
    /// Share of new compute that it builds.
    pub build: f64,
    /// Whether it publishes its weights.
    pub open: bool,
}

/// What a lab has moved from the strategy of the scenario; all 0 where nothing was adapted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shift {
    /// Toward scale (to 1) or trust (to -1).
    pub tilt: f64,
    /// Added to the share of compute built.
    pub build: f64,
    /// Added to ln(1 + markup).
    pub markup: f64,
    /// 1 publishes the weights of a lab that the scenario closes, -1 closes one that it opens.
    pub open: f64,
}

/// What a search may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Scale or trust.
    Tilt,
    /// Build or partner.
    Build,
    /// Dearer or cheaper.
    Markup,
    /// Open or closed.
    Open,
    /// Another method of alignment.
    Method,
}

impl Move {
    /// All, in the order of the columns that remember them.
    pub const ALL: [Move; 5] = [Move::Tilt, Move::Build, Move::Markup, Move::Open, Move::Method];
}

/// Where a search looks first at the uniform number `u`: one of three small changes, or a bold one. A change of method is
/// for a lab that is trusted less than others: search is near the symptom (Cyert and March 1963).
pub fn where_to_look(u: f64, bold_share: f64, lacks_trust: bool) -> Move {
    if u < bold_share {
        return if lacks_trust && u < 0.5 * bold_share { Move::Method } else { Move::Open };
    }
    let v = (u - bold_share) / (1.0 - bold_share);
    [Move::Tilt, Move::Build, Move::Markup][((v * 3.0) as usize).min(2)]
}

impl Shift {
    /// The shift within the limits.
    fn within(self, a: &Adaptation) -> Shift {
        Shift {
            tilt: self.tilt.clamp(-1.0, 1.0),
            build: self.build.clamp(-a.build_limit, a.build_limit),
            markup: self.markup.clamp(-a.markup_limit, a.markup_limit),
            open: self.open,
        }
    }

    /// One step in a direction, 1 or -1; what has no half is turned over.
    pub fn stepped(self, a: &Adaptation, what: Move, direction: f64, step: f64, open_by_scenario: bool) -> Shift {
        let mut next = self;
        match what {
            Move::Tilt => next.tilt += direction * step,
            Move::Build => next.build += direction * step * a.build_limit,
            Move::Markup => next.markup += direction * step * a.markup_limit,
            Move::Open => next.open = opposite(self.open, open_by_scenario),
            Move::Method => {}
        }
        next.within(a)
    }

    /// Toward the conduct of a rival: `speed` of the way where there is one, openness at once if `bold`.
    pub fn toward(self, a: &Adaptation, own: Conduct, rival: Conduct, speed: f64, bold: bool) -> Shift {
        let mut next = self;
        next.tilt += speed * (tilt_for(a, own.safety, rival.safety, self.tilt) - self.tilt);
        next.build += speed * (rival.build - own.build - self.build);
        if bold {
            next.open = open_for(own.open, rival.open);
        }
        next.within(a)
    }

    /// The shift that puts a lab into a cell: nothing where the scenario has it there already, else beyond the divide.
    pub fn into_cell(self, a: &Adaptation, own: Conduct, cell: usize) -> Shift {
        let by_scenario = cell_of(a, own);
        let same = |bit: usize| by_scenario & bit == cell & bit;
        let tilt = match cell & SCALE {
            _ if same(SCALE) => 0.0,
            0 => tilt_for(a, own.safety, 2.0 * a.trust_divide, 0.0),
            _ => tilt_for(a, own.safety, 0.5 * a.trust_divide, 0.0),
        };
        let build = match cell & BUILD {
            _ if same(BUILD) => 0.0,
            0 => 0.5 * a.build_divide - own.build,
            _ => 0.5 * (1.0 + a.build_divide) - own.build,
        };
        let open = if same(OPEN) { 0.0 } else { open_for(own.open, cell & OPEN != 0) };
        Shift { tilt, build, open, ..self }.within(a)
    }
}

/// Bit of a cell: scale before trust.
pub const SCALE: usize = 1;
/// Bit of a cell: builds.
pub const BUILD: usize = 2;
/// Bit of a cell: open weights.
pub const OPEN: usize = 4;

/// The cell of a conduct.
pub fn cell_of(a: &Adaptation, conduct: Conduct) -> usize {
    let bit = |holds: bool, bit: usize| if holds { bit } else { 0 };
    bit(conduct.safety < a.trust_divide, SCALE) | bit(conduct.build >= a.build_divide, BUILD) | bit(conduct.open, OPEN)
}

/// Share of research compute for safety at a tilt.
pub fn safety_at(a: &Adaptation, share: f64, tilt: f64) -> f64 {
    if tilt == 0.0 { share } else { (share * exp(-tilt * a.tilt_span)).min(1.0) }
}

/// The tilt that gives `wanted` from `share`; `otherwise` where none does.
fn tilt_for(a: &Adaptation, share: f64, wanted: f64, otherwise: f64) -> f64 {
    if share <= 0.0 || wanted <= 0.0 || a.tilt_span <= 0.0 { otherwise } else { ln(share / wanted) / a.tilt_span }
}

fn open_for(by_scenario: bool, wanted: bool) -> f64 {
    match (by_scenario, wanted) {
        (false, true) => 1.0,
        (true, false) => -1.0,
        _ => 0.0,
    }
}

fn opposite(shift: f64, by_scenario: bool) -> f64 {
    let now = if shift == 0.0 { by_scenario } else { shift > 0.0 };
    open_for(by_scenario, !now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Conduct = Conduct { safety: 0.06, build: 0.1, open: false };
    const RIVAL: Conduct = Conduct { safety: 0.03, build: 0.5, open: true };

    #[test]
    fn a_full_imitation_does_what_the_rival_does() {
        let a = Adaptation::default();
        let shift = Shift::default().toward(&a, OWN, RIVAL, 1.0, true);
        assert!((safety_at(&a, OWN.safety, shift.tilt) - RIVAL.safety).abs() < 1e-12);
        assert!((OWN.build + shift.build - RIVAL.build).abs() < 1e-12);
        assert_eq!(shift.open, 1.0);
        let half = Shift::default().toward(&a, OWN, RIVAL, 0.5, false);
        assert!((half.build - 0.2).abs() < 1e-12);
        assert_eq!(half.open, 0.0);
    }

    #[test]
    fn imitating_a_twin_changes_nothing() {
        let a = Adaptation::default();
        assert_eq!(Shift::default().toward(&a, OWN, OWN, 0.5, true), Shift::default());
    }

    #[test]
    fn a_lab_that_learns_its_own_cell_keeps_the_strategy_of_the_scenario() {
        let a = Adaptation::default();
        assert_eq!(Shift::default().into_cell(&a, OWN, cell_of(&a, OWN)), Shift::default());
        for cell in 0..8 {
            let shift = Shift::default().into_cell(&a, OWN, cell);
            let open = if shift.open == 0.0 { OWN.open } else { shift.open > 0.0 };
            let now = Conduct { safety: safety_at(&a, OWN.safety, shift.tilt), build: OWN.build + shift.build, open };
            assert_eq!(cell_of(&a, now), cell);
            // And back.
            assert_eq!(shift.into_cell(&a, OWN, cell_of(&a, OWN)), Shift::default());
        }
    }

    #[test]
    fn small_changes_stay_within_their_range_and_openness_is_turned_over() {
        let a = Adaptation::default();
        let mut shift = Shift::default();
        for _ in 0..20 {
            shift = shift.stepped(&a, Move::Tilt, 1.0, 0.25, false).stepped(&a, Move::Build, -1.0, 0.25, false);
        }
        assert_eq!((shift.tilt, shift.build), (1.0, -a.build_limit));
        let open = Shift::default().stepped(&a, Move::Open, 1.0, 0.25, false);
        assert_eq!(open.open, 1.0);
        assert_eq!(open.stepped(&a, Move::Open, 1.0, 0.25, false), Shift::default());
    }

    #[test]
    fn search_looks_at_methods_only_where_trust_lacks() {
        let looks = |lacks| (0..1000).map(move |n| where_to_look((f64::from(n) + 0.5) / 1000.0, 0.2, lacks));
        assert!(looks(false).all(|m| m != Move::Method));
        assert_eq!(looks(true).filter(|m| *m == Move::Method).count(), 100);
        assert_eq!(looks(true).filter(|m| *m == Move::Open).count(), 100);
    }

    #[test]
    fn nothing_adapted_is_the_scenario_to_the_last_bit() {
        assert_eq!(safety_at(&Adaptation::default(), 0.015, 0.0), 0.015);
    }
}
