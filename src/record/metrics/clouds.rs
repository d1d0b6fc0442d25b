//! Metrics of clouds.

use super::{Metric, lived, row};

/// Metrics of clouds.
pub const CLOUDS: &[Metric] = &[
    row("capacity_h100e", "H100e", true, "capacity for AI", |v, k| v.world.clouds.capacity_h100e[k]),
    row("utilisation", "fraction", false, "share of capacity that is let", |v, k| v.world.clouds.utilisation[k]),
    row("rental_usd_per_h100e_hour", "USD per H100e-hour", false, "price to labs under contract", |v, k| {
        v.world.clouds.rental_usd[k]
    }),
    row("revenue_usd", "USD per year", true, "revenue from AI", |v, k| {
        lived(v, v.world.clouds.revenue_rent_usd[k] + v.world.clouds.revenue_resale_usd[k])
    }),
    row("revenue_rent_usd", "USD per year", false, "of it rent", |v, k| lived(v, v.world.clouds.revenue_rent_usd[k])),
    row("revenue_resale_usd", "USD per year", false, "of it resale of models and hosting of open weights", |v, k| {
        lived(v, v.world.clouds.revenue_resale_usd[k])
    }),
    row("profit_usd", "USD per year", true, "profit from AI after depreciation", |v, k| {
        lived(v, v.world.clouds.profit_usd[k])
    }),
    row(
        "supplier_funded_share",
        "fraction",
        false,
        "share of rent from labs that investments of the cloud's own group fund, as they fade over two years; those before the start are known as declared",
        |v, k| lived(v, v.world.clouds.supplier_funded_share[k]),
    ),
    row("lost_commitments_usd", "USD", false, "promised by labs that failed since, and not got", |v, k| {
        v.world.capital.lost_claims_usd[k]
    }),
];
