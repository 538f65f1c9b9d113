//! A write of labels whose answer is not known: what it did, and what it may have undone of other people's edits.

use super::super::worker::{Trouble, Worker};
use std::collections::BTreeSet;

use crate::connector::{Doubt, Failure, Fetched, Tracker};
use crate::domain::fields::SetDelta;
use crate::domain::remote::RemoteRef;
use crate::store::{Intent, Item};
use crate::sync::judge::{self, Known};

/// How long after its start a write may still have been applied, in milliseconds: the waits for its turn, for the
/// server, and for clocks that do not quite agree.
const UNDER_WAY_MS: i64 = 3 * 60_000;

impl Worker {
    /// A write of the item's labels went out and its answer is not known: what it may have undone of other people's
    /// edits is put right before anything else is judged.
    pub(super) async fn mend(
        &mut self,
        tracker: &dyn Tracker,
        item: &Item,
        at: &RemoteRef,
        intent: Intent,
    ) -> Result<Result<(), Failure>, Trouble> {
        let sent_at = intent.started_at.plus_ms(self.clock_offset_ms());
        let doubt = Doubt { from: intent.server_since, until: sent_at.plus_ms(UNDER_WAY_MS) };
        let ours = self.labels_meant(&item.link.known);
        let mended = match tracker.fetch(at).await {
            Ok(Fetched::Item(seen)) => {
                let (link, there) = (item.link.id, seen.fields(&self.settings.mapping).0);
                // Whoever takes it off again after this look has seen it.
                let arrived = move |known: &Known| judge::arrived(known, &there);
                self.engine.0.store.run(move |db| db.note_arrived(link, arrived)).await?;
                tracker.mend(&seen, doubt, &ours).await
            }
            Ok(Fetched::Deleted | Fetched::Converted(_)) => Ok(()),
            // It may only be out of sight: the doubt stays.
            Ok(Fetched::Hidden) => return Ok(Ok(())),
            Err(failure) => Err(failure),
        };
        if mended.is_ok() {
            let link = item.link.id;
            self.engine.0.store.run(move |db| db.forget_intent(link)).await?;
        }
        Ok(mended)
    }

    /// The labels that a write of ours means to change: those that stand for a status, those edited here, and those of
    /// the write without an answer, which may have become part of the base since.
    fn labels_meant(&self, known: &Known) -> SetDelta {
        let base = known.base.as_ref().map(|b| b.labels.clone()).unwrap_or_default();
        let mut meant = SetDelta::between(&base, &known.card.labels);
        let names = self.settings.mapping.names();
        if let Some(sent) = &known.sent {
            meant.add.extend(sent.labels.add.iter().cloned());
            meant.remove.extend(sent.labels.remove.iter().cloned());
        }
        // Whatever reads as one of them is meant too, and may be on the item or not.
        let there = |here: &BTreeSet<String>| {
            let add = SetDelta { add: here.clone(), ..SetDelta::default() };
            names.labels_there(&add, &BTreeSet::new()).add
        };
        let mut meant = SetDelta { add: there(&meant.add), remove: there(&meant.remove) };
        meant.add.extend(self.settings.mapping.targets().filter_map(|(_, t)| t.label.clone()));
        meant
    }
}
