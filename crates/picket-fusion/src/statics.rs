//! Names heard before their place: AIS type 5 and 24 come apart from positions.

use std::collections::BTreeMap;

use picket_model::{Actor, Affiliation, Class, Entry, Ident, Label, Observation, SensorKind};

use crate::digest;

/// What a message without a place said.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) author: Actor,
    pub(crate) sensor: SensorKind,
    pub(crate) idents: Vec<Ident>,
    pub(crate) class: Class,
    pub(crate) affiliation: Affiliation,
    pub(crate) label: Label,
    pub(crate) exercise: bool,
}

impl Word {
    pub(crate) fn of(entry: &Entry, seen: &Observation) -> Self {
        Self {
            author: entry.record.author.clone(),
            sensor: seen.sensor,
            idents: seen.idents.clone(),
            class: seen.class,
            affiliation: seen.affiliation,
            label: entry.record.label.clone(),
            exercise: seen.exercise,
        }
    }
}

/// The newest word by strong name; at the bound the one heard longest ago is forgotten.
#[derive(Debug)]
pub(crate) struct Statics {
    max: usize,
    next: u64,
    words: BTreeMap<Ident, (u64, Word)>,
    order: BTreeMap<u64, Ident>,
}

impl Statics {
    pub(crate) const fn new(max: usize) -> Self {
        Self { max, next: 0, words: BTreeMap::new(), order: BTreeMap::new() }
    }

    /// Keeps a word; what an earlier one of the same name said and this does not stays.
    pub(crate) fn keep(&mut self, ident: &Ident, mut word: Word) {
        if self.max == 0 {
            return;
        }
        if let Some(earlier) = self.take(ident) {
            // A class B ship sends its name and its call sign in two messages (24A, 24B).
            let kinds: Vec<&str> = word.idents.iter().map(Ident::kind).collect();
            let missing = earlier.idents.into_iter().filter(|i| !kinds.contains(&i.kind()));
            word.idents.extend(missing.take(picket_model::track::IDENTS_MAX));
            if word.class == Class::Unknown {
                word.class = earlier.class;
            }
            word.label.raise(&earlier.label);
            word.exercise |= earlier.exercise;
        }
        while self.words.len() >= self.max {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.words.remove(&oldest);
        }
        self.order.insert(self.next, ident.clone());
        self.words.insert(ident.clone(), (self.next, word));
        self.next = self.next.saturating_add(1);
    }

    /// Gives a word away.
    pub(crate) fn take(&mut self, ident: &Ident) -> Option<Word> {
        let (number, word) = self.words.remove(ident)?;
        self.order.remove(&number);
        Some(word)
    }

    pub(crate) fn digest(&self, out: &mut Vec<u8>) {
        digest::whole(self.next, out);
        digest::count(self.words.len(), out);
        for (ident, (number, word)) in &self.words {
            digest::ident(ident, out);
            digest::whole(*number, out);
            digest::text(&word.author.to_string(), out);
            digest::text(word.sensor.as_str(), out);
            digest::count(word.idents.len(), out);
            for ident in &word.idents {
                digest::ident(ident, out);
            }
            digest::text(word.class.as_str(), out);
            digest::text(word.affiliation.as_str(), out);
            digest::label(&word.label, out);
            out.push(u8::from(word.exercise));
        }
    }
}
