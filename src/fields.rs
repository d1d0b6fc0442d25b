//! Typed tables of named values: the one place from which `list parameters`, `check --resolved`, the
//! JSON Schema and the reader of scenario files take unit, bounds, default, meaning, source and tag.
//!
//! [`table!`](crate::table) declares a struct whose fields carry all of that; [`choice!`](crate::choice)
//! a closed set of words; [`strategy!`](crate::strategy) a set of variants, each with a table of its own.

use std::collections::BTreeMap;

use crate::units::Month;

/// When a value may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Fixes the shape of the world; the same in every run and at every date.
    Structural,
    /// State at the start.
    Initial,
    /// May change with time: events may set it.
    Parameter,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Estimated from `data/`.
    Fitted,
    /// Wide, from the literature or judgement.
    Prior,
    /// Arithmetic on sourced figures.
    Derived,
    /// A convention or a setting, not a fact.
    Setting,
}

impl Tag {
    /// The word shown to the reader.
    pub fn word(self) -> &'static str {
        match self {
            Tag::Fitted => "fitted",
            Tag::Prior => "prior",
            Tag::Derived => "derived",
            Tag::Setting => "setting",
        }
    }
}

/// The type of a field, as a scenario file writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A floating-point number.
    Number,
    /// A whole number, zero or more.
    Integer,
    /// `true` or `false`.
    Flag,
    /// Free text.
    Text,
    /// A list of names.
    Texts,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A month, `"YYYY-MM"`.
    Month,
    /// A table of numbers by name; bounds hold for each number.
    Keyed,
}

/// A value of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`Kind::Number`].
    Number(f64),
    /// See [`Kind::Integer`].
    Integer(u64),
    /// See [`Kind::Flag`].
    Flag(bool),
    /// See [`Kind::Text`] and [`Kind::Choice`].
    Text(String),
    /// See [`Kind::Texts`].
    Texts(Vec<String>),
    /// See [`Kind::Month`].
    Month(Month),
    /// See [`Kind::Keyed`].
    Keyed(Keyed),
}

/// Numbers by name, in the order of the names.
pub type Keyed = BTreeMap<String, f64>;

/// What is known of one field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name, the last part of its path.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Unit, `1` for a pure number.
    pub unit: &'static str,
    /// Least value allowed.
    pub min: f64,
    /// Greatest value allowed.
    pub max: f64,
    /// When it may be set.
    pub class: Class,
    /// Where its default comes from.
    pub tag: Tag,
    /// What it means.
    pub meaning: &'static str,
    /// Source of the default.
    pub source: &'static str,
}

/// A struct declared by [`table!`](crate::table).
pub trait Table: Default + Clone {
    /// Its fields, in the order of declaration.
    fn fields() -> &'static [Field];
    /// The value of field `index`.
    fn value(&self, index: usize) -> Value;
    /// Sets field `index`; `false` when the value is of the wrong kind (bounds are the reader's to check).
    fn assign(&mut self, index: usize, value: &Value) -> bool;
    /// The place of a plain number, for draws that are laid in every run.
    fn number(&mut self, index: usize) -> Option<&mut f64>;
    /// The numbers by name of a [`Kind::Keyed`] field.
    fn keyed(&mut self, index: usize) -> Option<&mut Keyed>;
}

/// One variant of a strategy.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name in a scenario file.
    pub name: &'static str,
    /// What the strategy does.
    pub meaning: &'static str,
    /// Its parameters.
    pub fields: fn() -> &'static [Field],
}

/// An enum declared by [`strategy!`](crate::strategy): written `variant = { parameters }`.
pub trait Strategy: Default + Clone {
    /// All variants.
    fn variants() -> &'static [Variant];
    /// The variant with this name, at its defaults.
    fn named(name: &str) -> Option<Self>;
    /// Index of the variant in force.
    fn current(&self) -> usize;
    /// The value of field `index` of the variant in force.
    fn value(&self, index: usize) -> Value;
    /// Sets field `index` of the variant in force; `false` when the kind is wrong.
    fn assign(&mut self, index: usize, value: &Value) -> bool;
    /// The place of a plain number of the variant in force.
    fn number(&mut self, index: usize) -> Option<&mut f64>;
}

/// Types that a field may have.
pub trait FieldValue: Clone {
    /// Their kind.
    const KIND: Kind;
    /// As a [`Value`].
    fn to_value(&self) -> Value;
    /// From a [`Value`], if it is of the right kind.
    fn from_value(value: &Value) -> Option<Self>;
    /// Becomes a copy of another, with the memory that it has: every run begins with a copy of all values.
    fn copy_from(&mut self, other: &Self) {
        self.clone_from(other);
    }
    /// The place of a plain number.
    fn number(&mut self) -> Option<&mut f64> {
        None
    }
    /// The numbers by name.
    fn keyed(&mut self) -> Option<&mut Keyed> {
        None
    }
}

impl FieldValue for f64 {
    const KIND: Kind = Kind::Number;
    fn to_value(&self) -> Value {
        Value::Number(*self)
    }
    fn from_value(value: &Value) -> Option<f64> {
        match value {
            Value::Number(x) => Some(*x),
            Value::Integer(n) => Some(*n as f64),
            _ => None,
        }
    }
    fn number(&mut self) -> Option<&mut f64> {
        Some(self)
    }
}

macro_rules! plain_field_value {
    ($type:ty, $kind:ident, $variant:ident) => {
        impl FieldValue for $type {
            const KIND: Kind = Kind::$kind;
            fn to_value(&self) -> Value {
                Value::$variant(self.clone())
            }
            fn from_value(value: &Value) -> Option<$type> {
                match value {
                    Value::$variant(x) => Some(x.clone()),
                    _ => None,
                }
            }
        }
    };
}
plain_field_value!(u64, Integer, Integer);
plain_field_value!(bool, Flag, Flag);
plain_field_value!(String, Text, Text);
plain_field_value!(Vec<String>, Texts, Texts);
plain_field_value!(Month, Month, Month);

impl FieldValue for Keyed {
    const KIND: Kind = Kind::Keyed;
    fn to_value(&self) -> Value {
        Value::Keyed(self.clone())
    }
    fn from_value(value: &Value) -> Option<Keyed> {
        match value {
            Value::Keyed(x) => Some(x.clone()),
            _ => None,
        }
    }
    fn copy_from(&mut self, other: &Keyed) {
        if self.len() == other.len() && self.keys().eq(other.keys()) {
            self.values_mut().zip(other.values()).for_each(|(own, value)| *own = *value);
        } else {
            self.clone_from(other);
        }
    }
    fn keyed(&mut self) -> Option<&mut Keyed> {
        Some(self)
    }
}

/// Turns a declared default into the type of its field.
pub trait IntoDefault<T> {
    /// The value.
    fn into_default(self) -> T;
}
impl IntoDefault<f64> for f64 {
    fn into_default(self) -> f64 {
        self
    }
}
impl IntoDefault<u64> for u64 {
    fn into_default(self) -> u64 {
        self
    }
}
impl IntoDefault<bool> for bool {
    fn into_default(self) -> bool {
        self
    }
}
impl IntoDefault<String> for &str {
    fn into_default(self) -> String {
        self.to_string()
    }
}
impl IntoDefault<Month> for &str {
    fn into_default(self) -> Month {
        self.parse().unwrap_or_default()
    }
}
impl<const N: usize> IntoDefault<Vec<String>> for [&str; N] {
    fn into_default(self) -> Vec<String> {
        self.iter().map(|s| (*s).to_string()).collect()
    }
}
impl<const N: usize> IntoDefault<Keyed> for [(&str, f64); N] {
    fn into_default(self) -> Keyed {
        self.iter().map(|(k, v)| ((*k).to_string(), *v)).collect()
    }
}

/// Declares a struct whose fields carry unit, bounds, default, meaning, source and tag.
///
/// A field reads `/// meaning` then `name: type = default, "unit", [min, max], Tag, "source";`. The class
/// after the name of the struct holds for all fields.
#[macro_export]
macro_rules! table {
    (
        $(#[$outer:meta])*
        pub struct $name:ident: $class:ident {
            $( $(#[doc = $doc:literal])+ $field:ident : $type:ty = $default:expr, $unit:literal, [$min:expr, $max:expr], $tag:ident, $source:literal; )*
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, PartialEq)]
        pub struct $name { $( $(#[doc = $doc])+ #[doc = ""] #[doc = concat!("Unit: ", $unit, ". Source: ", $source)] pub $field: $type, )* }
        impl Clone for $name {
            fn clone(&self) -> Self {
                $name { $( $field: self.$field.clone(), )* }
            }
            #[allow(unused_variables)]
            fn clone_from(&mut self, other: &Self) {
                $( $crate::fields::FieldValue::copy_from(&mut self.$field, &other.$field); )*
            }
        }
        impl Default for $name {
            fn default() -> Self {
                $name { $( $field: $crate::fields::IntoDefault::<$type>::into_default($default), )* }
            }
        }
        impl $crate::fields::Table for $name {
            fn fields() -> &'static [$crate::fields::Field] {
                const FIELDS: &[$crate::fields::Field] = &[ $( $crate::fields::Field {
                    name: stringify!($field),
                    kind: <$type as $crate::fields::FieldValue>::KIND,
                    unit: $unit,
                    min: $min,
                    max: $max,
                    class: $crate::fields::Class::$class,
                    tag: $crate::fields::Tag::$tag,
                    meaning: concat!($($doc),+),
                    source: $source,
                }, )* ];
                FIELDS
            }
            #[allow(unused_variables, unused_assignments, unused_mut)]
            fn value(&self, index: usize) -> $crate::fields::Value {
                let mut at = 0;
                $( if index == at { return $crate::fields::FieldValue::to_value(&self.$field); } at += 1; )*
                unreachable!("field {index} of {}", stringify!($name))
            }
            #[allow(unused_variables, unused_assignments, unused_mut)]
            fn assign(&mut self, index: usize, value: &$crate::fields::Value) -> bool {
                let mut at = 0;
                $( if index == at {
                    return match <$type as $crate::fields::FieldValue>::from_value(value) {
                        Some(x) => { self.$field = x; true }
                        None => false,
                    };
                } at += 1; )*
                false
            }
            #[allow(unused_variables, unused_assignments, unused_mut)]
            fn number(&mut self, index: usize) -> Option<&mut f64> {
                let mut at = 0;
                $( if index == at { return $crate::fields::FieldValue::number(&mut self.$field); } at += 1; )*
                None
            }
            #[allow(unused_variables, unused_assignments, unused_mut)]
            fn keyed(&mut self, index: usize) -> Option<&mut $crate::fields::Keyed> {
                let mut at = 0;
                $( if index == at { return $crate::fields::FieldValue::keyed(&mut self.$field); } at += 1; )*
                None
            }
        }
    };
}

/// Copies of a struct of tables, field by field, so that `clone_from` keeps the memory of each.
#[macro_export]
macro_rules! copied_in_place {
    ( $name:ident $(<$type:ident>)? { $( $field:ident ),+ $(,)? } ) => {
        impl $(<$type: Clone>)? Clone for $name $(<$type>)? {
            fn clone(&self) -> Self {
                $name { $( $field: self.$field.clone(), )+ }
            }
            fn clone_from(&mut self, other: &Self) {
                $( self.$field.clone_from(&other.$field); )+
            }
        }
    };
}

/// Declares a closed set of words, each with its meaning; the first is the default.
#[macro_export]
macro_rules! choice {
    ( $(#[$outer:meta])* pub enum $name:ident { $( #[doc = $doc:literal] $word:literal => $variant:ident, )+ } ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( #[doc = $doc] $variant, )+ }
        impl $name {
            /// All words, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[ $( $word ),+ ];
            /// What each word means.
            pub const MEANINGS: &'static [&'static str] = &[ $( $doc ),+ ];
            /// All values, in the order of the words.
            pub const ALL: &'static [$name] = &[ $( $name::$variant ),+ ];
            /// The word that a scenario file uses.
            pub fn word(self) -> &'static str { match self { $( $name::$variant => $word, )+ } }
            /// The value with this word.
            pub fn named(word: &str) -> Option<$name> { match word { $( $word => Some($name::$variant), )+ _ => None } }
        }
        impl Default for $name { fn default() -> Self { $name::ALL[0] } }
        impl $crate::fields::FieldValue for $name {
            const KIND: $crate::fields::Kind = $crate::fields::Kind::Choice($name::WORDS);
            fn to_value(&self) -> $crate::fields::Value { $crate::fields::Value::Text(self.word().to_string()) }
            fn from_value(value: &$crate::fields::Value) -> Option<$name> {
                match value { $crate::fields::Value::Text(t) => $name::named(t), _ => None }
            }
        }
        impl $crate::fields::IntoDefault<$name> for $name { fn into_default(self) -> $name { self } }
    };
}

/// Declares a strategy: variants by name, each holding a table of its parameters; the first is the default.
#[macro_export]
macro_rules! strategy {
    ( $(#[$outer:meta])* pub enum $name:ident { $( #[doc = $doc:literal] $word:literal => $variant:ident($table:ty), )+ } ) => {
        $(#[$outer])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $( #[doc = $doc] $variant($table), )+ }
        impl Default for $name {
            fn default() -> Self {
                // The first variant: `named` of the first word always answers.
                let first = <Self as $crate::fields::Strategy>::variants()[0].name;
                match <Self as $crate::fields::Strategy>::named(first) { Some(s) => s, None => unreachable!("the first variant is named") }
            }
        }
        impl $crate::fields::Strategy for $name {
            fn variants() -> &'static [$crate::fields::Variant] {
                const VARIANTS: &[$crate::fields::Variant] = &[ $( $crate::fields::Variant {
                    name: $word, meaning: $doc, fields: <$table as $crate::fields::Table>::fields,
                }, )+ ];
                VARIANTS
            }
            fn named(name: &str) -> Option<Self> {
                match name { $( $word => Some($name::$variant(Default::default())), )+ _ => None }
            }
            fn current(&self) -> usize {
                let word = match self { $( $name::$variant(_) => $word, )+ };
                <Self as $crate::fields::Strategy>::variants().iter().position(|v| v.name == word).unwrap_or(0)
            }
            fn value(&self, index: usize) -> $crate::fields::Value {
                match self { $( $name::$variant(t) => $crate::fields::Table::value(t, index), )+ }
            }
            fn assign(&mut self, index: usize, value: &$crate::fields::Value) -> bool {
                match self { $( $name::$variant(t) => $crate::fields::Table::assign(t, index, value), )+ }
            }
            fn number(&mut self, index: usize) -> Option<&mut f64> {
                match self { $( $name::$variant(t) => $crate::fields::Table::number(t, index), )+ }
            }
        }
    };
}
