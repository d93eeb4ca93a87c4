//! Erasing: a retention group's key is destroyed, and its bodies go.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use picket_model::{Label, Time};

use crate::LogError;
use crate::file::{Chore, Durability, Store, io_at};
use crate::key::{Group, GroupId, KEY_FOLDER, KeyFile, draw};
use crate::load::HOUR_NS;
use crate::log::{Log, cipher_failed};
use crate::spine::body_folder;

/// How long records of a kind are kept; one row of `[[retain]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retain {
    /// The kind, as [`picket_model::Body::kind`] names it; `None` for every kind.
    pub kind: Option<String>,
    /// The label; `None` for every label.
    pub label: Option<Label>,
    /// Hours, at least 1, after the end of the hour in which a record came into this log.
    pub hours: u32,
}

impl Retain {
    fn names(&self, group: &Group) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == &*group.kind)
            && self.label.as_ref().is_none_or(|label| *label == group.label)
    }
}

/// Whether a group's time is over: the first row that names it counts; none keeps it for ever.
#[must_use]
pub fn is_over(rules: &[Retain], group: &Group, now: Time) -> bool {
    let hour = now.0.div_euclid(HOUR_NS);
    let rule = rules.iter().find(|rule| rule.names(group));
    rule.is_some_and(|rule| hour.saturating_sub(group.hour) > i64::from(rule.hours.max(1)))
}

impl<S: Store> Log<S> {
    /// Erases a retention group: destroys its key and drops its bodies. Headers, leaves, hashes
    /// and signatures stay, so that every proof still holds; the content of its records is gone
    /// for good. The bodies are removed beside the next appends, or ticks of [`Log::tend`]; what of
    /// them stands in a journal goes when that is sealed. Without the key they are noise.
    ///
    /// # Errors
    /// [`LogError::NoSuchGroup`]; [`LogError::Io`] if a step failed: the next opening or the
    /// next call finishes it.
    pub fn erase_group(&mut self, id: GroupId, now: Time) -> Result<(), LogError> {
        self.erase_groups(&[id], now)
    }

    /// Erases several groups, as [`Log::erase_group`], with one sync of the tree for all.
    ///
    /// # Errors
    /// [`LogError::NoSuchGroup`]: then none was erased. As there.
    pub fn erase_groups(&mut self, ids: &[GroupId], now: Time) -> Result<(), LogError> {
        let mut doomed = Vec::with_capacity(ids.len());
        for id in ids {
            let group = self.reader.group_of(*id)?.ok_or(LogError::NoSuchGroup(*id))?;
            doomed.push((*id, group));
        }
        if doomed.is_empty() {
            return Ok(());
        }
        // From here on the tiles alone hold the leaves: signed and durable first.
        self.checkpoint(now)?;
        if !self.waiting.is_empty() {
            return Err(LogError::Io {
                doing: "write the tiles that must outlive the key".into(),
                source: ErrorKind::StorageFull.into(),
            });
        }
        self.reader.store.sync_all().map_err(LogError::io("sync the log"))?;
        self.tiles_kept = self.size();
        for (id, group) in doomed {
            self.erase(id, group, now)?;
        }
        self.tend(now);
        Ok(())
    }

    /// Erases the groups whose time is over, the oldest first, `at_most` so many; how many it
    /// were. Call it once an hour or so: it looks at each live group's key file.
    ///
    /// # Errors
    /// As [`Log::erase_groups`], and as [`crate::Reader::groups`].
    pub fn retain(
        &mut self,
        rules: &[Retain],
        now: Time,
        at_most: usize,
    ) -> Result<usize, LogError> {
        let mut over: Vec<(i64, GroupId)> = Vec::new();
        for entry in self.reader.live_groups()? {
            if is_over(rules, &entry.group, now) {
                over.push((entry.group.hour, entry.id));
            }
        }
        over.sort_unstable();
        let ids: Vec<GroupId> = over.into_iter().take(at_most).map(|(_, id)| id).collect();
        self.erase_groups(&ids, now)?;
        Ok(ids.len())
    }

    fn erase(&mut self, id: GroupId, group: Group, now: Time) -> Result<(), LogError> {
        let nonce = draw(&mut *self.entropy);
        let stone = KeyFile::Erased { group, at: now };
        let stone = stone.wrap(&self.node_key, id, nonce, now).ok_or_else(cipher_failed)?;
        let name = id.erased_file();
        let store = &mut self.reader.store;
        store.save(&name, &stone, Durability::Synced).map_err(io_at("write", &name))?;
        self.active.retain(|_, (active, _)| *active != id);
        self.reader.forget_group(id);
        self.finish_erasure(id)
    }

    /// What follows when the stone stands: the key goes first, then, beside the appends, what it
    /// opened.
    fn finish_erasure(&mut self, id: GroupId) -> Result<(), LogError> {
        self.reader.store.erase_group(&id).map_err(io_at("erase", &id.file()))?;
        self.sealing.later([Chore::Remove { name: body_folder(id) }]);
        Ok(())
    }

    /// Finishes erasures that were cut off after the stone.
    pub(crate) fn finish_erasures(&mut self) -> Result<(), LogError> {
        let size = self.reader.size();
        let store = &self.reader.store;
        let names = store.list(KEY_FOLDER).map_err(io_at("list", KEY_FOLDER))?;
        let names: BTreeSet<String> = names.into_iter().collect();
        for name in &names {
            let Some((id, true)) = GroupId::of_file(name) else { continue };
            self.tiles_kept = size;
            let folder = body_folder(id);
            let list = self.reader.store.list(&folder).map_err(io_at("list", &folder))?;
            if names.contains(&id.file()) || !list.is_empty() {
                self.finish_erasure(id)?;
            }
        }
        Ok(())
    }
}
