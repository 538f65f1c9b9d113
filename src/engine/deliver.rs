//! Sending one item: look, reconcile, send only what changed, take the answer as the base.

mod asking;
mod bodies;
mod mend;
mod rest;

use serde_json::json;

use super::Update;
use super::worker::{Stepped, Trouble, Worker, dice};
use crate::config::settings::Direction;
use crate::connector::{Draft, Failure, Fetched, Outcome, Patch, Scope, Tracker};
use crate::domain::fields::{Field, Fields, SetDelta};
use crate::domain::mapping::{PlatformState, StatusMapping, Told};
use crate::domain::moves::Given;
use crate::domain::remote::RemoteItem;
use crate::store::{AuditEntry, Delivery, Intent, Item, Prepared};
use crate::sync::judge::{self, Known, Queue, Verdict};
use crate::sync::reconcile::{Policies, Push};
use crate::sync::retry::{Class, ITEM_BACKOFF};

/// After how many times the write pace a create whose answer was lost is looked for again: with the usual second
/// five, ten, twenty and forty seconds. Lists lag behind writes, so one look that finds nothing proves nothing; where
/// they lag further, the last wait is repeated until they cannot any more.
const LOOKUPS: [i64; 4] = [5, 10, 20, 40];
/// How often an item is planned anew at once when it changed between look and write.
const REPLANS: u32 = 3;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// The platform answered: pages read before are older.
    Newer,
    /// Nothing was written there.
    Settled,
}

type Delivered = Result<Sent, Trouble>;

impl Worker {
    /// Sends one claimed item.
    pub(super) async fn deliver(&mut self, item: Item) -> Delivered {
        let connector = self.connector()?;
        let Some(tracker) = connector.tracker() else { return Ok(Sent::Settled) };
        match (&item.link.remote, item.intent) {
            (Some(_), _) => self.deliver_change(tracker, item).await,
            (None, Some(intent)) => self.look_for_created(tracker, item, intent).await,
            (None, None) => self.create(tracker, item).await,
        }
    }

    /// Creates the item. The journal is written first, so that whatever happens it is looked for before it is ever
    /// sent again.
    async fn create(&mut self, tracker: &dyn Tracker, item: Item) -> Delivered {
        let link = item.link.id;
        let mapping = &self.settings.mapping;
        let known = &item.link.known;
        let fields = judge::project(&known.card, None, mapping, &known.told);
        let blank = PlatformState::default();
        let state = mapping.write(&blank, &fields.status).unwrap_or_default();
        let made = judge::as_created(&fields, mapping);
        let mut all = Fields::all_of([&fields]);
        let mut shaped = fields.clone();
        let raw = mapping.rules().write(&mut shaped, &mut all, &known.told);
        Field::ALL.into_iter().filter(|field| !all.contains(field)).for_each(|field| shaped.clear(field));
        let draft = Draft { marker: link, fields: mapping.names().new_item(&shaped), state, raw };
        if self.dry_run {
            self.planned.push(format!("create \"{}\"", item.link.known.card.title));
            return self.settle_dry(&item).await;
        }
        // The issue is looked for from this moment on, so it must be the server's. One that was never asked for the
        // time is asked now.
        if self.connector()?.clock_offset_ms().is_none() {
            self.connector()?.probe().await?;
        }
        let server_now = self.now().plus_ms(self.clock_offset_ms());
        self.engine.0.store.run(move |db| db.begin_create(link, server_now, &made)).await?;
        match tracker.create(&draft).await {
            Ok(answer) => {
                self.report.created += 1;
                let mapping = self.settings.mapping.clone();
                let judged = move |known: &Known, answer: &RemoteItem| judge::adopt(known, answer, &mapping);
                self.adopt(&item, answer, judged).await
            }
            Err(failure) if failure.outcome == Outcome::Unknown => {
                let at = self.now().plus_ms(self.lookup_wait(0));
                let reason = format!("{}; looking whether the issue was created", failure.message);
                self.engine.0.store.run(move |db| db.postpone(link, at, &reason)).await?;
                Ok(Sent::Settled)
            }
            Err(failure) => {
                self.engine.0.store.run(move |db| db.forget_intent(link)).await?;
                self.fail_item(&item, None, failure, "create").await
            }
        }
    }

    /// The write pace, at which also the waits for a create go: a second, and less only where nothing real answers.
    fn pace_ms(&self) -> i64 {
        (self.settings.write_pace.as_millis() as i64).max(1)
    }

    fn lookup_wait(&self, lookups: u32) -> i64 {
        self.pace_ms() * LOOKUPS[(lookups as usize).min(LOOKUPS.len() - 1)]
    }

    /// A create went out before and its answer is not known: find it, and only when it is surely not there send it
    /// again.
    async fn look_for_created(&mut self, tracker: &dyn Tracker, item: Item, intent: Intent) -> Delivered {
        let link = item.link.id;
        if let Some(answer) = tracker.find(link, intent.server_since).await? {
            let (mapping, policies) = (self.settings.mapping.clone(), self.policies());
            let (direction, offset) = (self.settings.direction, self.clock_offset_ms());
            let judged = move |known: &Known, answer: &RemoteItem| {
                found(direction, known, answer, &mapping, &policies, offset)
            };
            return self.adopt(&item, answer, judged).await;
        }
        let waited = self.now().since(intent.started_at);
        let lag = i64::from(self.connector()?.capabilities().list_lag_s) * self.pace_ms();
        let needed: i64 = (0..LOOKUPS.len() as u32).map(|n| self.lookup_wait(n)).sum::<i64>().max(lag);
        if intent.lookups as usize + 1 >= LOOKUPS.len() && waited >= needed {
            self.engine.0.store.run(move |db| db.forget_intent(link)).await?;
            return self.create(tracker, item).await;
        }
        let at = self.now().plus_ms(self.lookup_wait(intent.lookups + 1));
        self.engine.0.store.run(move |db| db.not_found(link, at)).await?;
        Ok(Sent::Settled)
    }

    /// Takes a created item as the base; what differs from the card is sent next.
    async fn adopt(
        &mut self,
        item: &Item,
        answer: RemoteItem,
        judged: impl FnOnce(&Known, &RemoteItem) -> Verdict + Send + 'static,
    ) -> Delivered {
        let entry = AuditEntry {
            action: "create",
            object: format!("{}#{}", self.settings.name, answer.at.number),
            card: Some(item.link.card),
            fields: created(&item.link.known.card),
            outcome: "ok".into(),
            request_id: self.take_request_id(),
        };
        let (name, link, revision) = (self.settings.name.clone(), item.link.id, item.revision);
        self.engine
            .0
            .store
            .run(move |db| db.ack(&name, link, revision, &answer, |known| judged(known, &answer), &entry))
            .await?;
        Ok(Sent::Newer)
    }

    /// Sends a change of an item that exists.
    async fn deliver_change(&mut self, tracker: &dyn Tracker, item: Item) -> Delivered {
        let Some(at) = item.link.remote.as_ref().map(|r| r.at.clone()) else { return Ok(Sent::Settled) };
        if let Some(intent) = item.intent.filter(|_| !self.dry_run)
            && let Err(failure) = self.mend(tracker, &item, &at, intent).await?
        {
            return self.fail_item(&item, None, failure, "update").await;
        }
        for replan in 0..=REPLANS {
            let seen = match tracker.fetch(&at).await {
                Ok(Fetched::Item(seen)) => *seen,
                Ok(Fetched::Deleted) => {
                    return self.hold(&item, "it was deleted there; the card stays here").await;
                }
                Ok(Fetched::Converted(what)) => {
                    return self.hold(&item, &format!("it became {what} there; the card stays here")).await;
                }
                Ok(Fetched::Hidden) => return self.hidden(&item).await,
                Err(failure) => return self.fail_item(&item, None, failure, "read").await,
            };
            let Some((push, revision, given)) = self.prepare(&item, &seen).await? else {
                return Ok(Sent::Settled);
            };
            let (push, agreed) = self.without_losses(&item, push, &seen).await?;
            let patch = Patch { agreed, ..self.patch(&push, &seen, &item.link.known.told, &given) };
            if patch.is_empty() {
                return self.confirm(&item, &push, revision, seen, &Given::new()).await;
            }
            if self.dry_run {
                self.planned.push(format!("update {}: {}", item.link.key(&self.settings.name), words(&push)));
                return self.settle_dry(&item).await;
            }
            if patch.touches_labels() {
                let (link, read_at) = (item.link.id, seen.updated_at);
                self.engine.0.store.run(move |db| db.begin_replacing(link, read_at)).await?;
            }
            match tracker.update(&seen, &patch).await {
                Ok(answer) => {
                    self.report.sent += 1;
                    return self.confirm(&item, &push, revision, answer, &patch.state.given).await;
                }
                Err(failure) if failure.class == Class::Conflict && replan < REPLANS => {}
                Err(failure) => return self.failed(tracker, &item, (push, revision), &seen, failure).await,
            }
        }
        Ok(Sent::Settled)
    }

    /// Reconciles the claimed item with what the platform holds now; returns what is to be sent, the revision it was
    /// worked out from, and what a person gave with the move.
    async fn prepare(
        &mut self,
        item: &Item,
        seen: &RemoteItem,
    ) -> Result<Option<(Push, i64, Given)>, Trouble> {
        let (name, link) = (self.settings.name.clone(), item.link.id);
        let (mapping, policies) = (self.settings.mapping.clone(), self.policies());
        let direction = self.settings.direction;
        let (offset, seen) = (self.clock_offset_ms(), seen.clone());
        let prepared = self
            .engine
            .0
            .store
            .run(move |db| {
                db.prepare(&name, link, &seen, |known| {
                    // A card taken off the board still owes the edits made before.
                    let known = Known { archived: false, ..known.clone() };
                    one_way(direction, judge::judge(&known, &seen, &mapping, &policies, offset))
                })
            })
            .await?;
        let Some(Prepared { verdict, revision, given }) = prepared else { return Ok(None) };
        self.report.conflicts += verdict.conflicts.len() as u32;
        if verdict.queue == Queue::Settled {
            return Ok(None);
        }
        Ok(verdict.push.map(|push| (push, revision, given)))
    }

    fn patch(&self, push: &Push, seen: &RemoteItem, told: &Told, given: &Given) -> Patch {
        let (mut sent, mut to) = (push.fields.clone(), push.to.clone());
        let raw = self.settings.mapping.rules().write(&mut to, &mut sent, told);
        let sends = |field| sent.contains(&field);
        let delta = |field, delta: &SetDelta| if sends(field) { delta.clone() } else { SetDelta::default() };
        let mut state = if sends(Field::Status) {
            self.settings.mapping.write(&seen.state, &push.to.status).unwrap_or_default()
        } else {
            crate::domain::mapping::StateChange::default()
        };
        // Alone an answer is nothing to send.
        if !state.is_empty() {
            state.given.clone_from(given);
        }
        let names = self.settings.mapping.names();
        Patch {
            title: sends(Field::Title).then(|| to.title.clone()),
            body: sends(Field::Body).then(|| to.body.clone()),
            state,
            labels: names.labels_there(&delta(Field::Labels, &push.labels), &seen.state.labels),
            assignees: names.people_there(&delta(Field::Assignees, &push.assignees), &seen.assignees),
            milestone: sends(Field::Milestone).then(|| names.milestone_there(to.milestone.as_deref())),
            raw,
            agreed: Vec::new(),
        }
    }

    async fn confirm(
        &mut self,
        item: &Item,
        push: &Push,
        revision: i64,
        answer: RemoteItem,
        given: &Given,
    ) -> Delivered {
        let mut fields = audited(push, item.link.known.base.as_ref());
        for (field, value) in given {
            fields[field] = json!({ "before": null, "after": value });
        }
        let entry = AuditEntry {
            action: "update",
            object: item.link.key(&self.settings.name),
            card: Some(item.link.card),
            fields,
            outcome: "ok".into(),
            request_id: self.take_request_id(),
        };
        let (name, link, sent) = (self.settings.name.clone(), item.link.id, push.clone());
        let (mapping, direction) = (self.settings.mapping.clone(), self.settings.direction);
        let (policies, offset) = (self.policies(), self.clock_offset_ms());
        self.engine
            .0
            .store
            .run(move |db| {
                let judged = |known: &Known| match direction {
                    Direction::Push => judge::confirm_sent(known, &sent, &answer, &mapping),
                    _ => judge::confirm(known, &sent, &answer, &mapping, &policies, offset),
                };
                db.ack(&name, link, revision, &answer, judged, &entry)
            })
            .await?;
        Ok(Sent::Newer)
    }

    /// The platform refused a change. A move goes back to where it was; any other edit is kept and set aside.
    /// One that it asks about waits for the answer.
    async fn refused(&mut self, item: &Item, push: &Push, revision: i64, mut failure: Failure) -> Delivered {
        if failure.outcome == Outcome::NotApplied
            && let Some(asks) = failure.asks.take()
        {
            return self.ask_person(item, push, revision, &failure, *asks).await;
        }
        if failure.outcome == Outcome::NotApplied {
            let link = item.link.id;
            self.engine.0.store.run(move |db| db.forget_sent(link)).await?;
        }
        let only_moved = push.fields.iter().all(|f| *f == Field::Status);
        if !(only_moved && failure.scope == Scope::Item && failure.class != Class::Transient) {
            return self.fail_item(item, Some(push), failure, "update").await;
        }
        let entry = self.refusal(item, Some(push), &failure, "update");
        let (name, link) = (self.settings.name.clone(), item.link.id);
        let card = self
            .engine
            .0
            .store
            .run(move |db| match db.roll_back_move(&name, link, revision, &entry)? {
                Some(id) => db.card(id),
                None => Ok(None),
            })
            .await?;
        let line = format!("{}: {}", item.link.key(&self.settings.name), failure.message);
        self.report.refused.push(line);
        if let Some(card) = card {
            self.engine.send(Update::RolledBack { card: Box::new(card), reason: failure.message }).await;
        }
        Ok(Sent::Settled)
    }

    fn refusal(
        &self,
        item: &Item,
        push: Option<&Push>,
        failure: &Failure,
        action: &'static str,
    ) -> AuditEntry {
        AuditEntry {
            action,
            object: item.link.key(&self.settings.name),
            card: Some(item.link.card),
            fields: push.map_or_else(|| json!({}), |p| audited(p, item.link.known.base.as_ref())),
            outcome: failure.message.clone(),
            request_id: failure.request_id.clone(),
        }
    }

    /// Draws the consequences of a failure for one item; one that concerns the connection goes up.
    async fn fail_item(
        &mut self,
        item: &Item,
        push: Option<&Push>,
        failure: Failure,
        action: &'static str,
    ) -> Delivered {
        let (name, link) = (self.settings.name.clone(), item.link.id);
        if failure.scope == Scope::Connection {
            return Err(failure.into());
        }
        match failure.class {
            Class::Transient | Class::Conflict => {
                let at = ITEM_BACKOFF.next(self.now(), item.attempts + 1, dice(), failure.retry_after_ms);
                let reason = failure.message.clone();
                self.engine.0.store.run(move |db| db.postpone(link, at, &reason)).await?;
            }
            Class::Permanent | Class::Configuration => {
                let mut entry = self.refusal(item, push, &failure, action);
                if let Some(help) = &failure.help {
                    entry.outcome = format!("{}; {help}", entry.outcome);
                }
                self.engine.0.store.run(move |db| db.park(&name, link, &entry)).await?;
            }
        }
        Ok(Sent::Settled)
    }

    async fn hold(&mut self, item: &Item, note: &str) -> Delivered {
        let (name, link) = (self.settings.name.clone(), item.link.id);
        self.report.refused.push(format!("{}: {note}", item.link.key(&name)));
        let note = note.to_owned();
        self.engine.0.store.run(move |db| db.hold(&name, link, &note)).await?;
        Ok(Sent::Settled)
    }

    /// The item is not shown to us. When the whole repository is not, that is the connection's trouble; else the
    /// change is set aside, for the item may only be out of sight.
    async fn hidden(&mut self, item: &Item) -> Delivered {
        if !self.recognise().await? {
            let link = item.link.id;
            self.engine.0.store.run(move |db| db.give_back(link)).await?;
            return Ok(Sent::Settled);
        }
        let words = "it is not to be seen there: deleted, or permission lost";
        let failure = Failure::new(Class::Permanent, Scope::Item, words);
        self.fail_item(item, None, failure, "read").await
    }

    /// A dry run works on a copy: what would be sent is taken out of the copy's queue.
    async fn settle_dry(&mut self, item: &Item) -> Delivered {
        let (name, link) = (self.settings.name.clone(), item.link.id);
        self.engine.0.store.run(move |db| db.hold(&name, link, "dry run")).await?;
        Ok(Sent::Settled)
    }

    /// Sends a comment. The connector looks for its marker first, so a lost answer never doubles it.
    pub(super) async fn deliver_comment(&mut self, delivery: Delivery) -> Stepped {
        let connector = self.connector()?;
        let Some(tracker) = connector.tracker() else { return Ok(()) };
        let name = self.settings.name.clone();
        if self.dry_run {
            self.planned.push(format!("comment on {name}#{}", delivery.at.number));
            let far = crate::support::clock::Timestamp(i64::MAX);
            let dry = AuditEntry { outcome: "dry run".into(), ..AuditEntry::default() };
            self.engine.0.store.run(move |db| db.delivery_failed(&name, &delivery, Some(far), &dry)).await?;
            return Ok(());
        }
        let mut entry = AuditEntry {
            action: "comment",
            object: format!("{name}#{}", delivery.at.number),
            card: Some(delivery.card),
            fields: json!({ "body": { "before": null, "after": delivery.body } }),
            outcome: "ok".into(),
            request_id: None,
        };
        match tracker.comment(&delivery.at, &delivery.body, delivery.id).await {
            Ok(comment) => {
                self.report.comments += 1;
                entry.request_id = self.take_request_id();
                self.engine.0.store.run(move |db| db.delivered(&name, &delivery, &comment, &entry)).await?;
                Ok(())
            }
            Err(failure) if failure.scope == Scope::Connection => Err(failure.into()),
            Err(failure) => {
                let passes = matches!(failure.class, Class::Transient | Class::Conflict);
                let next =
                    ITEM_BACKOFF.next(self.now(), delivery.attempts + 1, dice(), failure.retry_after_ms);
                let again = passes.then_some(next);
                (entry.outcome, entry.request_id) = (failure.message, failure.request_id);
                self.engine
                    .0
                    .store
                    .run(move |db| db.delivery_failed(&name, &delivery, again, &entry))
                    .await?;
                Ok(())
            }
        }
    }
}

/// What a connection that carries changes one way only makes of a verdict.
pub(super) fn one_way(direction: Direction, verdict: Verdict) -> Verdict {
    match direction {
        Direction::Bidirectional => verdict,
        Direction::Push => Verdict { card: None, base: None, ..verdict },
        Direction::Pull => Verdict { queue: Queue::Settled, push: None, ..verdict },
    }
}

/// Judges an item whose create had no answer. Where nothing is taken in, what is here stands.
pub(super) fn found(
    direction: Direction,
    known: &Known,
    item: &RemoteItem,
    mapping: &StatusMapping,
    policies: &Policies,
    clock_offset_ms: i64,
) -> Verdict {
    if direction.pulls() {
        judge::found(known, item, mapping, policies, clock_offset_ms)
    } else {
        judge::adopt(known, item, mapping)
    }
}

fn words(push: &Push) -> String {
    let names: Vec<String> = push
        .fields
        .iter()
        .map(|f| match f {
            Field::Status => format!("status to {}", push.to.status),
            f => f.to_string(),
        })
        .collect();
    names.join(", ")
}

/// The fields an item was made with.
fn created(card: &Fields) -> serde_json::Value {
    let of =
        |field: Field| (field.as_str().to_owned(), json!({ "before": null, "after": card.value(field) }));
    serde_json::Value::Object(Fields::all_of([card]).into_iter().map(of).collect())
}

/// Before and after of each field sent.
fn audited(push: &Push, base: Option<&Fields>) -> serde_json::Value {
    let mut out = serde_json::Map::new();
    for field in &push.fields {
        let (before, after) = (base.map(|b| b.value(*field)), push.to.value(*field));
        out.insert(field.as_str().to_owned(), json!({ "before": before, "after": after }));
    }
    serde_json::Value::Object(out)
}
