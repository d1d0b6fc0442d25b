//! JSON Schema (draft 2020-12) of a scenario file, for completion and checks in an editor.

use serde_json::{Map, Value as Json, json};

use crate::fields::{Field, Kind, Variant};
use crate::scenario::game::PAYOFFS;
use crate::scenario::nodes::{GROUPS, Group, Place, StrategyPlace, TABLES};
use crate::scenario::notes::figure_kinds;
use crate::scenario::uncertain::DISTRIBUTIONS;
use crate::scenario::{describe, resolve};

const MONTH: &str = r"^\d{4}-(0[1-9]|1[0-2])$";

/// The schema.
pub fn schema() -> Json {
    let defaults = describe::defaults();
    let default_of = |place: &Place, index: usize| {
        let field = &(place.fields)()[index];
        let written = resolve::plain(&place.value(&defaults, 0, index), field.kind);
        let table = format!("x = {written}").parse::<toml::Table>().ok()?;
        serde_json::to_value(table.get("x")?).ok()
    };
    let mut top = Map::new();
    top.insert(
        "extends".into(),
        json!({ "type": "string", "description": "The parent: beside this file, else a shipped scenario." }),
    );
    top.insert("name".into(), json!({ "type": "string", "description": "Name; that of the file where absent." }));
    top.insert("description".into(), json!({ "type": "string", "description": "What the scenario is about." }));
    for place in TABLES {
        add_place(&mut top, place, &default_of);
    }
    for group in GROUPS {
        let agent = agent_schema(group, &default_of);
        let description = format!("Each {} by its id.", group.noun);
        top.insert(
            group.name.into(),
            json!({ "type": "object", "description": description, "additionalProperties": agent }),
        );
    }
    top.insert(
        "uncertain".into(),
        json!({
            "type": "object",
            "description": "Distributions by path, drawn once a run.",
            "additionalProperties": { "$ref": "#/$defs/distribution" },
        }),
    );
    top.insert("sources".into(), json!({
        "type": "object",
        "description": "Sources by path.",
        "additionalProperties": one_of_keys(["observed", "derived", "prior"].map(|k| (k, json!({ "type": "string" })))),
    }));
    top.insert("event".into(), json!({ "type": "array", "items": event() }));
    top.insert("claim".into(), json!({ "type": "array", "items": claim() }));
    top.insert("figure".into(), json!({ "type": "array", "items": figure() }));
    top.insert(
        "sweep".into(),
        json!({
            "type": "object",
            "properties": {
                "design": { "type": "string" },
                "points": { "type": "integer", "minimum": 1 },
                "vary": { "type": "object", "additionalProperties": { "type": "string" } },
            },
            "additionalProperties": false,
        }),
    );
    top.insert("game".into(), game());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "aimarket scenario",
        "type": "object",
        "properties": top,
        "additionalProperties": false,
        "$defs": { "distribution": one_of_keys(DISTRIBUTIONS.iter().map(distribution)) },
    })
}

/// The schema of a value.
fn field_schema(field: &Field, default: Option<Json>) -> Json {
    let mut schema = match field.kind {
        Kind::Number => json!({ "type": "number", "minimum": field.min, "maximum": field.max }),
        Kind::Integer => json!({ "type": "integer", "minimum": field.min, "maximum": field.max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Month => json!({ "type": "string", "pattern": MONTH }),
        Kind::Keyed => json!({
            "type": "object",
            "additionalProperties": { "type": "number", "minimum": field.min, "maximum": field.max },
        }),
    };
    let unit = if ["1", "flag", "text"].contains(&field.unit) { String::new() } else { format!(" [{}]", field.unit) };
    schema["description"] = format!("{}{unit} Source: {}.", field.meaning.trim(), field.source).into();
    if let Some(default) = default {
        schema["default"] = default;
    }
    schema
}

/// Adds the fields of a place to the properties of the object at its prefix, which is made where absent.
fn add_place(top: &mut Map<String, Json>, place: &Place, default_of: &impl Fn(&Place, usize) -> Option<Json>) {
    let mut properties = top;
    for part in place.prefix.split('.').filter(|p| !p.is_empty()) {
        let object = properties
            .entry(part)
            .or_insert_with(|| json!({ "type": "object", "properties": {}, "additionalProperties": false }));
        match object.get_mut("properties").and_then(Json::as_object_mut) {
            Some(below) => properties = below,
            None => return,
        }
    }
    for (index, field) in (place.fields)().iter().enumerate() {
        properties.insert(field.name.into(), field_schema(field, default_of(place, index)));
    }
}

fn agent_schema(group: &Group, default_of: &impl Fn(&Place, usize) -> Option<Json>) -> Json {
    let mut properties = Map::new();
    properties
        .insert("enabled".into(), json!({ "type": "boolean", "description": "false removes an inherited agent." }));
    for place in group.places {
        add_place(&mut properties, place, default_of);
    }
    if !group.strategies.is_empty() {
        let families: Map<String, Json> =
            group.strategies.iter().map(|s| (s.family.to_string(), strategy_schema(s))).collect();
        properties.insert(
            "strategy".into(),
            json!({ "type": "object", "properties": families, "additionalProperties": false }),
        );
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn strategy_schema(place: &StrategyPlace) -> Json {
    one_of_keys((place.variants)().iter().map(|Variant { name, meaning, fields }| {
        let properties: Map<String, Json> =
            fields().iter().map(|f| (f.name.to_string(), field_schema(f, None))).collect();
        let schema = json!({
            "type": "object",
            "description": meaning.trim(),
            "properties": properties,
            "additionalProperties": false,
        });
        (*name, schema)
    }))
}

/// An object with exactly one of these keys.
fn one_of_keys(keys: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let properties: Map<String, Json> = keys.into_iter().map(|(k, schema)| (k.to_string(), schema)).collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    })
}

fn distribution((word, needed, others): &(&'static str, &[&str], &[&str])) -> (&'static str, Json) {
    let schema_of = |key: &str| match key {
        "values" | "weights" => json!({ "type": "array", "items": { "type": "number" } }),
        "min_product" => json!({ "type": "array", "items": { "type": "string" } }),
        "of" => json!({ "type": "object", "additionalProperties": { "type": "number" } }),
        "sd" => json!({ "type": "number", "minimum": 0 }),
        "median" | "shape" | "rate" => json!({ "type": "number", "exclusiveMinimum": 0 }),
        _ => json!({ "type": "number" }),
    };
    let keys = needed.iter().chain(*others);
    let properties: Map<String, Json> = keys.map(|k| ((*k).to_string(), schema_of(k))).collect();
    let schema =
        json!({ "type": "object", "properties": properties, "required": needed, "additionalProperties": false });
    (word, schema)
}

fn event() -> Json {
    let month = json!({ "type": "string", "pattern": MONTH });
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "enabled": { "type": "boolean", "description": "false removes an inherited event." },
            "text": { "type": "string" },
            "description": { "type": "string" },
            "source": { "type": "string" },
            "date": { "anyOf": [month, {
                "type": "object",
                "properties": { "between": { "type": "array", "items": month, "minItems": 2, "maxItems": 2 } },
                "required": ["between"],
                "additionalProperties": false,
            }] },
            "probability": { "type": "number", "minimum": 0, "maximum": 1, "default": 1.0 },
            "lasts_months": { "type": "integer", "minimum": 1, "description": "Without it: for good." },
            "set": { "type": "object", "description": "Parameters by path, in quotes." },
            "kind": { "type": "string", "enum": ["transfer"] },
            "from": { "type": "string" },
            "to": { "type": "string" },
            "amount_usd": { "type": "number", "exclusiveMinimum": 0, "maximum": 1e13 },
        },
        "required": ["id"],
        "additionalProperties": false,
    })
}

fn claim() -> Json {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "enabled": { "type": "boolean", "description": "false removes an inherited claim." },
            "source": { "type": "string" },
            "text": { "type": "string" },
            "test": { "type": "string", "description": "For example labs.openai.enterprise_share between 0.55 and 0.60 at 2026-06; docs/claims.md has the language." },
            "beyond_horizon": { "type": "boolean", "description": "true keeps a claim whose dates the runs do not reach; it is listed and not scored." },
            "without": { "type": "string", "description": "Agent that it names and that was removed; it is listed and not scored." },
            "outcome": { "type": "boolean", "description": "What happened, where known." },
        },
        "required": ["id"],
        "additionalProperties": false,
    })
}

fn figure() -> Json {
    json!({
        "type": "object",
        "properties": {
            "kind": { "type": "string", "enum": figure_kinds() },
            "metric": { "type": "string", "description": "For example labs.*.enterprise_share; fan, lines, joint and distribution take one or more." },
            "against": { "type": "string", "description": "The second metric of a joint density." },
            "title": { "type": "string" },
            "log": { "type": "boolean", "description": "Whether axes of values are logarithmic." },
        },
        "required": ["kind"],
        "additionalProperties": false,
    })
}

fn game() -> Json {
    let set = json!({ "type": "object", "description": "Paths below the lab, in quotes; {} leaves it as it is." });
    let strategy = json!({
        "type": "object",
        "properties": { "text": { "type": "string" }, "set": set },
        "required": ["set"],
        "additionalProperties": false,
    });
    let of_lab = json!({ "type": "object", "additionalProperties": strategy });
    json!({
        "type": "object",
        "description": "Labs as players, for `aimarket game`.",
        "properties": {
            "payoff": { "type": "string", "enum": PAYOFFS, "default": PAYOFFS[0] },
            "players": {
                "type": "object",
                "description": "The strategies of each lab, two or more.",
                "additionalProperties": { "type": "array", "items": { "type": "string" }, "minItems": 2 },
            },
            "strategies": {
                "type": "object",
                "description": "Strategies by name; those of one lab stand in a table of its id.",
                "additionalProperties": { "anyOf": [strategy, of_lab] },
            },
        },
        "required": ["players", "strategies"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_listed_path_with_its_bounds() {
        let schema = schema();
        for row in describe::parameters() {
            let mut at = &schema;
            for part in row.path.split('.') {
                at = if part == "<id>" { &at["additionalProperties"] } else { &at["properties"][part] };
            }
            assert!(at["description"].is_string(), "{}", row.path);
        }
        assert_eq!(schema["properties"]["demand"]["properties"]["switching_cost"]["maximum"], 30.0);
        assert_eq!(schema["properties"]["demand"]["properties"]["start"]["properties"]["coherence"]["default"], 1.0);
    }
}
