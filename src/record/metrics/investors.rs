//! Metrics of investors, by kind.

use super::{Metric, row};
use crate::mechanisms::forecasts::extrapolators;

/// Metrics of investors, by kind.
pub const INVESTORS: &[Metric] = &[
    row("deployed_usd", "USD", false, "put into labs since the start", |v, k| v.world.investors.deployed_usd[k]),
    row("marked_value_usd", "USD", false, "value of the shares held", |v, k| v.world.investors.marked_value_usd[k]),
    row("dry_powder_usd", "USD", false, "cash that can still be invested", |v, k| v.world.investors.dry_powder_usd[k]),
    row("extrapolators", "fraction", false, "share of investors who forecast growth by what it was of late", |v, k| {
        if v.parameters.mechanisms.forecast_switching {
            extrapolators(v.parameters.forecasts.intensity, v.world.capital.fitness_gap[k])
        } else {
            0.5
        }
    }),
];
