//! From the text of a claim's test to its meaning.

use std::ops::Range;

use super::{Comparison, Date, Fold, Name, Operator, Parsed, Quantity, Relation, Test, When};
use crate::scenario::fault::{show, suggest};
use crate::units::Month;

/// What is wrong with the text of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where in the text, in bytes.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would do.
    pub hint: Option<String>,
}

/// Most parentheses and operators within each other.
const MOST_DEPTH: usize = 64;
/// Most months of `within N months`: as many as a run may have.
const MOST_MONTHS: i32 = 1_200;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A word of the language, the path of a metric, or an id.
    Word(String),
    Number(f64),
    Date(Month),
    /// A character, or two, with a meaning of its own.
    Sign(&'static str),
    End,
}

/// Reads the text of a test.
pub fn parse(text: &str) -> Result<Parsed, Wrong> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0 };
    let test = parser.test()?;
    let given = if parser.takes_word("given") { Some(parser.test()?) } else { None };
    if parser.peek() == &Token::End {
        Ok(Parsed { test, given })
    } else {
        parser.unexpected("the end of the test or `given`")
    }
}

const SIGNS: [&str; 13] = ["..", ">=", "<=", ">", "<", "+", "-", "*", "/", "(", ")", ";", "%"];

/// Whether a character may stand in a name. A minus may, so that ids with one can be written.
fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '*' | '-')
}

fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Wrong> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            let (token, length) = number_or_date(rest, at)?;
            tokens.push((token, at..at + length));
            at += length;
        } else if c.is_alphabetic() || c == '_' {
            let mut length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
            // `a..b` is no name, and a name does not end in a point or a minus.
            length = rest[..length].find("..").unwrap_or(length);
            length = rest[..length].trim_end_matches(['.', '-']).len();
            tokens.push((Token::Word(rest[..length].to_string()), at..at + length));
            at += length;
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            tokens.push((Token::Sign(sign), at..at + sign.len()));
            at += sign.len();
        } else {
            let hint = match c {
                ',' => Some("tests of a list are set apart by `;`, and numbers have no commas".to_string()),
                '=' => Some("write >=, <= or `between A and B`".to_string()),
                '&' => Some("write `all of (TEST; TEST)`".to_string()),
                '|' => Some("write `any of (TEST; TEST)`".to_string()),
                '!' => Some("write `not TEST`".to_string()),
                _ => None,
            };
            let message = format!("`{c}` has no meaning in a test");
            return Err(Wrong { at: at..at + c.len_utf8(), message, hint });
        }
    }
    tokens.push((Token::End, text.len()..text.len()));
    Ok(tokens)
}

/// A number or a month at the start of `rest`, and its length in bytes.
fn number_or_date(rest: &str, at: usize) -> Result<(Token, usize), Wrong> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits(0) == 4 && bytes.get(4) == Some(&b'-') && digits(5) >= 1 {
        let mut length = 5 + digits(5);
        if bytes.get(length) == Some(&b'-') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        let written = &rest[..length];
        let month = if length == 7 { written.parse().ok() } else { None };
        return month.map(|m| (Token::Date(m), length)).ok_or_else(|| {
            let hint = Some("write a month as YYYY-MM, for example 2026-01".to_string());
            Wrong { at: at..at + length, message: format!("`{written}` is no month"), hint }
        });
    }
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && bytes.get(length + 1) != Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    let stray = rest[length..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len() - length);
    match rest[..length].parse::<f64>() {
        Ok(x) if stray == 0 && x.is_finite() => Ok((Token::Number(x), length)),
        _ => {
            let all = length + stray;
            let hint = Some("write a number as 0.55, 55% or 4.0e10".to_string());
            Err(Wrong { at: at..at + all, message: format!("`{}` is no number", &rest[..all]), hint })
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    depth: usize,
}

const WHENS: &str = "`at DATE`, `by DATE`, `throughout DATE..DATE` or `within N months of event ID`";

/// Words of the language: a metric that is written in one word is a slip.
const WORDS: [&str; 27] = [
    "not",
    "all",
    "any",
    "at",
    "least",
    "of",
    "before",
    "between",
    "and",
    "by",
    "throughout",
    "within",
    "months",
    "event",
    "given",
    "max",
    "min",
    "sum",
    "mean",
    "rank",
    "change",
    "from",
    "to",
    "or",
    "month",
    "if",
    "when",
];

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }
    fn at(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }
    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }
    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.tokens.get(self.next + ahead), Some((Token::Word(w), _)) if w == word)
    }
    fn takes_word(&mut self, word: &str) -> bool {
        let there = self.is_word(0, word);
        if there {
            self.advance();
        }
        there
    }
    fn takes_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if there {
            self.advance();
        }
        there
    }
    fn unexpected<T>(&self, wanted: &str) -> Result<T, Wrong> {
        let at = self.at();
        let message = match self.peek() {
            Token::End => format!("the test ends where {wanted} is wanted"),
            _ => format!("`{}` stands where {wanted} is wanted", &self.text[at.clone()]),
        };
        // A caret needs something to stand under.
        let at = if at.is_empty() { at.start.saturating_sub(1)..at.end } else { at };
        let at = if self.text.is_char_boundary(at.start) { at } else { 0..self.text.len() };
        Err(Wrong { at, message, hint: None })
    }
    fn word(&mut self, word: &str) -> Result<(), Wrong> {
        if self.takes_word(word) { Ok(()) } else { self.unexpected(&format!("`{word}`")) }
    }
    fn sign(&mut self, sign: &'static str) -> Result<(), Wrong> {
        if self.takes_sign(sign) { Ok(()) } else { self.unexpected(&format!("`{sign}`")) }
    }
    fn date(&mut self) -> Result<Date, Wrong> {
        let at = self.at();
        let Token::Date(month) = *self.peek() else { return self.unexpected("a month (YYYY-MM)") };
        self.advance();
        Ok(Date { month, at })
    }
    fn name(&mut self, wanted: &str) -> Result<Name, Wrong> {
        let at = self.at();
        let Token::Word(text) = self.peek().clone() else { return self.unexpected(wanted) };
        self.advance();
        Ok(Name { text, at })
    }
    /// A whole number from 1 to `most`.
    fn count(&mut self, wanted: &str, most: i32) -> Result<i32, Wrong> {
        match *self.peek() {
            Token::Number(x) if x.fract() == 0.0 && x >= 1.0 && x <= f64::from(most) => {
                self.advance();
                Ok(x as i32)
            }
            _ => self.unexpected(&format!("a whole number of {wanted}, 1 to {most},")),
        }
    }
    /// Goes one level down, if the text is not nested beyond reason.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        if self.depth >= MOST_DEPTH {
            let message = format!("the test is nested more than {MOST_DEPTH} deep");
            return Err(Wrong { at: self.at(), message, hint: None });
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn test(&mut self) -> Result<Test, Wrong> {
        self.deeper(Self::test_here)
    }

    fn test_here(&mut self) -> Result<Test, Wrong> {
        let begin = self.at();
        if self.takes_word("not") {
            return Ok(Test::Not(Box::new(self.test()?)));
        }
        if self.is_word(0, "all") && self.is_word(1, "of") {
            self.next += 2;
            let tests = self.tests()?;
            return Ok(Test::AtLeast(tests.len(), tests));
        }
        if self.is_word(0, "any") && self.is_word(1, "of") {
            self.next += 2;
            return Ok(Test::AtLeast(1, self.tests()?));
        }
        if self.is_word(0, "at") && self.is_word(1, "least") {
            self.next += 2;
            let count_at = self.at();
            let least = self.count("tests", 1_000)? as usize;
            self.word("of")?;
            let tests = self.tests()?;
            if least > tests.len() {
                let message = format!("at least {least} of {} tests can never hold", tests.len());
                return Err(Wrong { at: count_at, message, hint: Some(format!("1 to {} would do", tests.len())) });
            }
            return Ok(Test::AtLeast(least, tests));
        }
        if self.takes_word("event") {
            return Ok(Test::Event(self.name("the id of an event")?));
        }
        if self.opens_a_test() {
            self.advance();
            // In `(A) before (B)` a comparison stands without a date.
            let start = self.next;
            if let Ok(first) = self.comparison()
                && self.takes_sign(")")
                && self.takes_word("before")
            {
                self.sign("(")?;
                let second = self.comparison()?;
                if matches!(self.peek(), Token::Word(w) if matches!(w.as_str(), "at" | "by" | "throughout" | "within"))
                {
                    return Err(dated_before(self.at()));
                }
                self.sign(")")?;
                let by = if self.takes_word("by") { Some(self.date()?) } else { None };
                return Ok(Test::Before(first, second, by));
            }
            self.next = start;
            let test = self.test()?;
            self.sign(")")?;
            if self.is_word(0, "before") {
                return Err(dated_before(self.at()));
            }
            return Ok(test);
        }
        let comparison = self.comparison()?;
        let when = self.when(&comparison, begin)?;
        Ok(Test::Compare(comparison, when))
    }

    /// Whether a parenthesis here holds a test, not a quantity: something is compared in it.
    fn opens_a_test(&self) -> bool {
        if self.peek() != &Token::Sign("(") {
            return false;
        }
        let mut depth = 0;
        for (token, _) in &self.tokens[self.next..] {
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth -= 1,
                Token::Sign(">" | ">=" | "<" | "<=") => return true,
                Token::Word(word) if matches!(word.as_str(), "between" | "event" | "not" | "any" | "all") => {
                    return true;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        false
    }

    fn tests(&mut self) -> Result<Vec<Test>, Wrong> {
        self.sign("(")?;
        let mut tests = vec![self.test()?];
        while self.takes_sign(";") {
            // A last semicolon is no harm.
            if self.peek() == &Token::Sign(")") {
                break;
            }
            tests.push(self.test()?);
        }
        if !self.takes_sign(")") {
            return self.unexpected("`;` or `)`");
        }
        Ok(tests)
    }

    fn comparison(&mut self) -> Result<Comparison, Wrong> {
        let begin = self.at();
        let left = self.quantity()?;
        if self.takes_word("between") {
            let ends = self.at();
            let low = self.quantity()?;
            self.word("and")?;
            let high = self.quantity()?;
            if let (Some(a), Some(b)) = (constant(&low), constant(&high))
                && a > b
            {
                let at = ends.start..self.tokens[self.next - 1].1.end;
                let message = format!("nothing is between {} and {}", show(a), show(b));
                return Err(Wrong { at, message, hint: Some("write the lower one first".to_string()) });
            }
            return Ok(Comparison::Between(left, low, high));
        }
        let relation = match self.peek() {
            Token::Sign(">") => Relation::Greater,
            Token::Sign(">=") => Relation::AtLeast,
            Token::Sign("<") => Relation::Less,
            Token::Sign("<=") => Relation::AtMost,
            _ => return self.unexpected("`>`, `>=`, `<`, `<=` or `between`"),
        };
        self.advance();
        let right = self.quantity()?;
        if matches!(self.peek(), Token::Sign(">" | ">=" | "<" | "<=")) {
            let hint = Some("write `Q between A and B`, or `all of (TEST; TEST)`".to_string());
            return Err(Wrong { at: self.at(), message: "two comparisons in a row".to_string(), hint });
        }
        let comparison = Comparison::Order(left, relation, right);
        let mut parts = 0;
        comparison.visit(&mut |_| parts += 1);
        if parts == 0 {
            let at = begin.start..self.tokens[self.next - 1].1.end;
            let hint = Some("name a metric: `aimarket list metrics` shows them".to_string());
            return Err(Wrong { at, message: "only numbers are compared".to_string(), hint });
        }
        Ok(comparison)
    }

    fn when(&mut self, comparison: &Comparison, begin: Range<usize>) -> Result<When, Wrong> {
        if self.takes_word("at") {
            return Ok(When::At(self.date()?));
        }
        if self.takes_word("by") {
            return Ok(When::By(self.date()?));
        }
        if self.takes_word("throughout") {
            let from = self.date()?;
            self.sign("..")?;
            let to = self.date()?;
            return ordered(from, to).map(|(from, to)| When::Throughout(from, to));
        }
        if self.takes_word("within") {
            let months = self.count("months", MOST_MONTHS)?;
            if !self.takes_word("month") {
                self.word("months")?;
            }
            self.word("of")?;
            self.word("event")?;
            return Ok(When::Within(months, self.name("the id of an event")?));
        }
        if !comparison.is_open() {
            return Ok(When::Dated);
        }
        if self.peek() == &Token::End || matches!(self.peek(), Token::Sign(")" | ";")) || self.is_word(0, "given") {
            let at = begin.start..self.tokens[self.next - 1].1.end;
            let message = "the test does not say when".to_string();
            return Err(Wrong { at, message, hint: Some(format!("end it with {WHENS}")) });
        }
        self.unexpected(WHENS)
    }

    fn quantity(&mut self) -> Result<Quantity, Wrong> {
        self.deeper(|p| {
            let mut left = p.product()?;
            loop {
                let operator = match p.peek() {
                    Token::Sign("+") => Operator::Plus,
                    Token::Sign("-") => Operator::Minus,
                    _ => return Ok(left),
                };
                p.advance();
                left = Quantity::Pair(Box::new(left), operator, Box::new(p.product()?));
            }
        })
    }

    fn product(&mut self) -> Result<Quantity, Wrong> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Operator::Times,
                Token::Sign("/") => Operator::Over,
                _ => return Ok(left),
            };
            self.advance();
            left = Quantity::Pair(Box::new(left), operator, Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Quantity, Wrong> {
        self.deeper(Self::factor_here)
    }

    fn factor_here(&mut self) -> Result<Quantity, Wrong> {
        match self.peek().clone() {
            Token::Number(x) => {
                self.advance();
                let percent = self.takes_sign("%");
                Ok(Quantity::Number(if percent { x / 100.0 } else { x }))
            }
            Token::Sign("-") => {
                self.advance();
                Ok(Quantity::Negative(Box::new(self.factor()?)))
            }
            Token::Sign("(") => {
                self.advance();
                let inner = self.quantity()?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Word(word) if word.contains('.') => self.name("a metric").map(Quantity::Metric),
            Token::Word(word) if self.is_word(1, "of") => {
                let fold = match word.as_str() {
                    "max" => Fold::Max,
                    "min" => Fold::Min,
                    "sum" => Fold::Sum,
                    "mean" => Fold::Mean,
                    "rank" => {
                        self.next += 2;
                        return self.name("a metric of one agent").map(Quantity::Rank);
                    }
                    "change" => {
                        self.next += 2;
                        return self.change();
                    }
                    _ => {
                        let hint = suggest(&word, &["max", "min", "sum", "mean", "rank", "change"]);
                        return Err(Wrong { at: self.at(), message: format!("there is no `{word} of`"), hint });
                    }
                };
                self.next += 2;
                self.name("a metric of all agents, as labs.*.enterprise_share").map(|name| Quantity::Fold(fold, name))
            }
            Token::Word(word) if !WORDS.contains(&word.as_str()) => {
                let hint = Some("a metric is a path such as labs.openai.enterprise_share or market.hhi".to_string());
                Err(Wrong { at: self.at(), message: format!("`{word}` is no quantity"), hint })
            }
            _ => self.unexpected("a number or a metric"),
        }
    }

    fn change(&mut self) -> Result<Quantity, Wrong> {
        let begin = self.at();
        let of = self.quantity()?;
        if !of.is_open() {
            let at = begin.start..self.tokens[self.next - 1].1.end;
            let hint = Some("name a metric: `aimarket list metrics` shows them".to_string());
            return Err(Wrong { at, message: "this does not change over time".to_string(), hint });
        }
        self.word("from")?;
        let from = self.date()?;
        self.word("to")?;
        let (from, to) = ordered(from, self.date()?)?;
        Ok(Quantity::Change(Box::new(of), from, to))
    }
}

fn dated_before(at: Range<usize>) -> Wrong {
    let hint = Some("write (QUANTITY > QUANTITY) before (QUANTITY > QUANTITY)".to_string());
    Wrong { at, message: "what `before` compares has no date".to_string(), hint }
}

fn ordered(from: Date, to: Date) -> Result<(Date, Date), Wrong> {
    if from.month <= to.month {
        return Ok((from, to));
    }
    let message = format!("dates run back: from {} to {}", from.month, to.month);
    Err(Wrong { at: from.at.start..to.at.end, message, hint: Some("write the earlier month first".to_string()) })
}

/// The value of a quantity that is made of numbers alone.
fn constant(quantity: &Quantity) -> Option<f64> {
    Some(match quantity {
        Quantity::Number(x) => *x,
        Quantity::Negative(of) => -constant(of)?,
        Quantity::Pair(left, operator, right) => operator.apply(constant(left)?, constant(right)?),
        Quantity::Metric(_) | Quantity::Fold(..) | Quantity::Rank(_) | Quantity::Change(..) => return None,
    })
}

impl Operator {
    /// What two values make.
    pub fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Operator::Plus => a + b,
            Operator::Minus => a - b,
            Operator::Times => a * b,
            // A quotient by nothing does not exist.
            Operator::Over => {
                if b == 0.0 {
                    f64::NAN
                } else {
                    a / b
                }
            }
        }
    }
}

impl Relation {
    /// Whether two values stand in this relation; nothing where one does not exist.
    pub fn holds(self, a: f64, b: f64) -> Option<bool> {
        let order = a.partial_cmp(&b)?;
        Some(match self {
            Relation::Greater => order.is_gt(),
            Relation::AtLeast => order.is_ge(),
            Relation::Less => order.is_lt(),
            Relation::AtMost => order.is_le(),
        })
    }
}
