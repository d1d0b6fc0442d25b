//! Metrics of regulators.

use super::{Metric, View, flag, row};

/// Metrics of regulators, by jurisdiction.
pub const REGULATORS: &[Metric] = &[
    row("stringency", "fraction", true, "stringency of the rules", |v, k| v.world.regulators.stringency[place(v, k)]),
    row("salience", "fraction", false, "public salience of AI harm", |v, k| v.world.regulators.salience[place(v, k)]),
    row("audits_in_force", "flag", false, "1 when audits are mandatory", |v, k| {
        flag(v.world.regulators.audits_in_force[place(v, k)])
    }),
    row(
        "cases_open",
        "cases",
        false,
        "targeted actions in force, antitrust cases and fines of the last year",
        |v, k| v.world.regulators.cases_open[place(v, k)],
    ),
    row("licensing_in_force", "flag", false, "1 when large models need a licence", |v, k| {
        flag(v.world.regulators.licensing_in_force[place(v, k)])
    }),
    row(
        "audit_threshold",
        "fraction",
        false,
        "stringency above which audits are mandatory, as the say of labs has tilted it",
        |v, k| v.world.regulators.audit_threshold[place(v, k)],
    ),
    row("violations", "labs", false, "labs that break its rules on audits", |v, k| {
        let (j, g) = (v.world.dims.jurisdictions, place(v, k));
        v.world.regulators.violating.iter().skip(g).step_by(j.max(1)).map(|&b| flag(b)).sum()
    }),
];

/// Jurisdiction of the regulator `k`.
fn place(v: &View, k: usize) -> usize {
    v.world.regulators.regulator.iter().position(|&r| r == k).unwrap_or(0)
}
