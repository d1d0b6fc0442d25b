//! Names of metrics as places within the values of a date, and what is said where there is no such metric.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{BOUGHT, NOTIONAL, Own};
use crate::record::{Column, Entity, TableKind, columns, entities};
use crate::scenario::Parameters;
use crate::scenario::claims::Name;
use crate::scenario::fault::suggest;

/// What metrics there are: agents and columns by table, laid out as a [`Layout`](crate::record::Layout) is.
pub(in crate::record) struct Names {
    tables: Vec<(TableKind, Vec<Entity>, Vec<Column>, usize)>,
    /// Places within the values of one date that were asked for.
    asked: RefCell<BTreeSet<usize>>,
}

/// Message and hint of a name that no metric has.
pub(in crate::record) type Unknown = (String, Option<String>);

/// An agent's metric: table, agent, column.
pub(super) type Found = (usize, usize, usize);

impl Names {
    pub(in crate::record) fn new(p: &Parameters) -> Names {
        let mut offset = 0;
        let mut tables = Vec::new();
        for kind in TableKind::ALL {
            let (entities, columns) = (entities(kind, p), columns(kind, p));
            let width = entities.len() * columns.len();
            tables.push((kind, entities, columns, offset));
            offset += width;
        }
        Names { tables, asked: RefCell::default() }
    }

    fn split<'n>(&self, path: &'n str) -> Result<(usize, &'n str, &'n str), Unknown> {
        let (word, rest) = path.split_once('.').unwrap_or((path, ""));
        let words: Vec<&str> = self.tables.iter().map(|(kind, ..)| kind.word()).collect();
        let Some(table) = words.iter().position(|w| *w == word) else {
            return Err((format!("there is no metric `{path}`: no agents `{word}`"), suggest(word, &words)));
        };
        let (agent, metric) = match self.tables[table].0 {
            TableKind::Market => ("market", rest),
            _ => rest.split_once('.').unwrap_or((rest, "")),
        };
        Ok((table, agent, metric))
    }

    fn column(&self, path: &str, table: usize, metric: &str) -> Result<usize, Unknown> {
        let (kind, _, columns, _) = &self.tables[table];
        let known: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        known.iter().position(|c| *c == metric).ok_or_else(|| {
            // A minus that stands close to a name is read as part of it.
            let glued = metric.split_once('-').filter(|(before, _)| known.contains(before));
            let hint = glued.map(|_| "a minus between two quantities stands apart from them".to_string());
            let hint = hint.or_else(|| suggest(metric, &known));
            (format!("there is no metric `{path}`: no `{metric}` of {}", kind.word()), hint)
        })
    }

    pub(super) fn one(&self, name: &Name) -> Result<Found, Unknown> {
        let path = &name.text;
        let (table, agent, metric) = self.split(path)?;
        let kind = self.tables[table].0;
        if agent == "*" {
            let message = format!("`{path}` stands for all {}", kind.word());
            return Err((message, Some(format!("write max of, min of, sum of or mean of {path}"))));
        }
        Ok((table, self.entity(path, table, agent)?, self.column(path, table, metric)?))
    }

    /// Table, agent (`None` where a star stands for all of the table) and column of a path.
    pub(in crate::record) fn path(&self, path: &str) -> Result<(usize, Option<usize>, usize), Unknown> {
        let (table, agent, metric) = self.split(path)?;
        let (kind, _, columns, _) = &self.tables[table];
        if metric.is_empty() && columns.iter().any(|c| c.name == agent) {
            let hint = format!("write `{0}.*.{agent}`, or an agent in place of the star", kind.word());
            return Err((format!("`{path}` names no agent"), Some(hint)));
        }
        let all = agent == "*" && *kind != TableKind::Market;
        let entity = if all { None } else { Some(self.entity(path, table, agent)?) };
        Ok((table, entity, self.column(path, table, metric)?))
    }

    fn entity(&self, path: &str, table: usize, agent: &str) -> Result<usize, Unknown> {
        let (kind, entities, ..) = &self.tables[table];
        let ids: Vec<&str> = entities.iter().map(|e| e.id.as_str()).collect();
        if ids.is_empty() {
            return Err((format!("there is no metric `{path}`: the scenario has no {}", kind.word()), None));
        }
        ids.iter().position(|id| *id == agent).ok_or_else(|| {
            let message = format!("there is no metric `{path}`: no `{agent}` in {}", kind.word());
            (message, suggest(agent, &ids))
        })
    }

    pub(super) fn all(&self, name: &Name) -> Result<(usize, Vec<usize>, usize), Unknown> {
        let path = &name.text;
        let (table, agent, metric) = self.split(path)?;
        let (kind, entities, ..) = &self.tables[table];
        if *kind == TableKind::Market || agent != "*" {
            let message = format!("`{path}` is one value, not those of all agents of a kind");
            return Err((message, Some("write a star for the agent, for example labs.*.enterprise_share".to_string())));
        }
        let column = self.column(path, table, metric)?;
        let counted = (0..entities.len()).filter(|&e| !self.notional(table, e, metric)).collect();
        Ok((table, counted, column))
    }

    pub(super) fn rank(&self, name: &Name) -> Result<(Found, Vec<usize>), Unknown> {
        let (table, entity, column) = self.one(name)?;
        let (kind, entities, columns, _) = &self.tables[table];
        let metric = &columns[column].name;
        if *kind == TableKind::Market {
            return Err((format!("`{}` has no rank: there is one market", name.text), None));
        }
        if self.notional(table, entity, metric) {
            let message =
                format!("`{}` has no rank: {} is a division, whose value is notional", name.text, entities[entity].id);
            return Err((message, Some("a lab that stands alone would do".to_string())));
        }
        let others = (0..entities.len()).filter(|&e| e != entity && !self.notional(table, e, metric)).collect();
        Ok(((table, entity, column), others))
    }

    fn notional(&self, table: usize, entity: usize, metric: &str) -> bool {
        self.tables[table].1[entity].division && NOTIONAL.contains(&metric)
    }

    /// Where a value stands among those of others, and where what takes it out.
    pub(super) fn own(&self, (table, entity, column): Found) -> Own {
        let columns = &self.tables[table].2;
        let notional = self.tables[table].0 == TableKind::Labs && NOTIONAL.contains(&columns[column].name.as_str());
        let flag = columns.iter().position(|c| c.name == BOUGHT).filter(|_| notional);
        Own { at: self.offset((table, entity, column)), bought: flag.map(|flag| self.offset((table, entity, flag))) }
    }

    /// Where a value stands within those of one date.
    pub(super) fn offset(&self, (table, entity, column): Found) -> usize {
        let (_, _, columns, offset) = &self.tables[table];
        let place = offset + entity * columns.len() + column;
        self.asked.borrow_mut().insert(place);
        place
    }

    /// The places that were asked for, in order.
    pub(super) fn asked(&self) -> Vec<usize> {
        self.asked.borrow().iter().copied().collect()
    }
}
