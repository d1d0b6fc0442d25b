//! Units of the model and the constants that convert between them.
//!
//! State is held in columns of plain `f64` so that loops vectorise; the unit is the last word of every
//! name (`cash_usd`, `owned_h100e`, `price_usd_per_mtok`). Money that moves is [`Usd`], so that nothing
//! but money can be paid through the ledger, and calendar time is [`Month`].

use std::fmt;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Hours in a year (365.25 days).
pub const HOURS_PER_YEAR: f64 = 8_766.0;
/// FLOP of one H100-equivalent hour: 1e15 FLOP/s × 3600 s × 0.4 utilisation.
pub const FLOP_PER_H100E_HOUR: f64 = 1.44e18;
/// H100-equivalents that one gigawatt of data centre serves (0.7 to 1.3 million; the middle).
pub const H100E_PER_GW: f64 = 1.0e6;
/// ECI of Claude 3.5 Sonnet, an anchor of the Epoch Capabilities Index.
pub const ECI_ANCHOR: f64 = 130.0;
/// USD per EUR used for fines that are written in euro.
pub const USD_PER_EUR: f64 = 1.17;

/// An amount of money in nominal US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Usd(pub f64);

impl Usd {
    /// No money.
    pub const ZERO: Usd = Usd(0.0);
    /// The number of dollars.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0 + other.0)
    }
}
impl Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0 - other.0)
    }
}
impl AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        self.0 += other.0;
    }
}
impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Usd) {
        self.0 -= other.0;
    }
}
impl Mul<f64> for Usd {
    type Output = Usd;
    fn mul(self, factor: f64) -> Usd {
        Usd(self.0 * factor)
    }
}
impl Neg for Usd {
    type Output = Usd;
    fn neg(self) -> Usd {
        Usd(-self.0)
    }
}

/// A calendar month, counted from January of year 0, written `YYYY-MM`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// The month `month` (1 to 12) of `year`.
    pub fn new(year: i32, month: i32) -> Month {
        Month(year * 12 + month - 1)
    }
    /// Calendar year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }
    /// Month of the year, 1 to 12.
    pub fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
    /// The month `months` later.
    pub fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }
    /// Months from `earlier` to this one.
    pub fn since(self, earlier: Month) -> i32 {
        self.0 - earlier.0
    }
    /// Decimal calendar year of the end of the month: 2025-12 is 2026.0.
    pub fn year_end_decimal(self) -> f64 {
        f64::from(self.0 + 1) / 12.0
    }
    /// Days from 1970-01-01 to the last day of the month (the date32 of a table).
    pub fn last_day_since_epoch(self) -> i32 {
        days_from_civil(self.plus(1)) - 1
    }
    /// The last day of the month, `YYYY-MM-DD`.
    pub fn last_day(self) -> String {
        let days = days_from_civil(self.plus(1)) - days_from_civil(self);
        format!("{self}-{days:02}")
    }
}

/// Days from 1970-01-01 to the first day of a month, proleptic Gregorian calendar.
fn days_from_civil(month: Month) -> i32 {
    let (y, m) = (month.year(), month.month());
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = String;
    fn from_str(text: &str) -> Result<Month, String> {
        let wrong = || format!("`{text}` is not a month; write it as YYYY-MM, for example 2026-01");
        let (y, m) = text.split_once('-').ok_or_else(wrong)?;
        if y.len() != 4 || m.len() != 2 {
            return Err(wrong());
        }
        let (y, m) = (y.parse::<i32>().map_err(|_| wrong())?, m.parse::<i32>().map_err(|_| wrong())?);
        if !(1..=12).contains(&m) || !(1..=9999).contains(&y) {
            return Err(wrong());
        }
        Ok(Month::new(y, m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_survives_its_own_text() {
        for m in 24_000..24_400 {
            assert_eq!(Month(m).to_string().parse::<Month>().unwrap(), Month(m));
        }
    }

    #[test]
    fn the_last_day_of_a_month_is_right_in_leap_years_too() {
        assert_eq!(Month::new(2024, 2).last_day(), "2024-02-29");
        assert_eq!(Month::new(2025, 12).last_day(), "2025-12-31");
        assert_eq!(Month::new(2025, 12).last_day_since_epoch(), 20_453);
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["2026", "2026-13", "26-01", "2026-1", "2026-00", "x"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
