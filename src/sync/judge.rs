//! From a plan to what is written down: what the card, the base and the queue become. Pure, so that the store can
//! run it inside the transaction that reads the rows.

mod see;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fields::{Field, Fields, SetDelta, contains};
use crate::domain::mapping::{PlatformState, StatusMapping, Told};
use crate::domain::remote::RemoteItem;
use crate::support::clock::Timestamp;

use super::reconcile::{Case, FieldConflict, Local, Plan, Policies, Policy, Push, Remote, reconcile};

/// The local side of one link, as its rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What both sides last agreed on.
    pub base: Option<Fields>,
    /// What was sent last and has no answer that is known: it may have arrived.
    pub sent: Option<Push>,
    /// The card's own fields.
    pub card: Fields,
    /// When each field was last edited here.
    pub edited: BTreeMap<Field, Timestamp>,
    /// Whether the card was taken off the board.
    pub archived: bool,
    /// Fields about which a person must decide.
    pub open_conflicts: Vec<Field>,
    /// Fields whose last edit here takes something back: where the platform changed them since, that edit yields.
    pub undoing: Vec<Field>,
    /// Fields that two writers keep changing back and forth: they wait for a person.
    pub flapping: Vec<Field>,
    /// What field rules see of the card besides its fields.
    pub told: Told,
}

/// What the queue row of a link becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// There is something to send.
    Needed,
    /// There is nothing to send.
    Settled,
}

/// What is written down for one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which cell of the case table it was.
    pub case: Case,
    /// What the card becomes; `None` leaves it.
    pub card: Option<Fields>,
    /// What the base becomes; `None` leaves it.
    pub base: Option<Fields>,
    /// Whether the connection's mapping names the state there, and the card's status.
    pub mapped: bool,
    /// Conflicts to note, decided and open.
    pub conflicts: Vec<FieldConflict>,
    /// Whether there is something to send.
    pub queue: Queue,
    /// What to send.
    pub push: Option<Push>,
    /// Values that the connection's field rules cannot carry, in words; they stay as they are on both sides.
    pub unfit: Vec<String>,
    /// When what the card takes was changed there, by our clock.
    pub taken_at: Option<Timestamp>,
}

/// Judges a remote item against the card: for inbound pages, and before anything is sent.
///
/// `clock_offset_ms` is the server's clock minus ours: local edit times are compared on the server's clock.
pub fn judge(
    known: &Known,
    remote: &RemoteItem,
    mapping: &StatusMapping,
    policies: &Policies,
    clock_offset_ms: i64,
) -> Verdict {
    let mut seen = see(known, known.base.as_ref(), remote, mapping);
    let fields = seen.fields;
    let known = &*on_its_way(known, &fields, mapping);
    let arrived = arrived(known, &fields);
    let base = sent_only(arrived.as_ref().or(known.base.as_ref()), &fields);
    let base = base.as_deref();
    let (projected, unfit) = projected(&known.card, base, mapping, &known.told);
    seen.unfit.extend(unfit);
    let edited = known.edited.iter().map(|(f, at)| (*f, at.plus_ms(clock_offset_ms))).collect();
    let local =
        if known.archived { Local::Archived } else { Local::Present { fields: projected.clone(), edited } };
    let there = Remote::Present { fields, updated_at: remote.updated_at };
    let policies = with_special_cases(policies, known);
    let plan = reconcile(base, &local, &there, &policies);
    let out = verdict(known, &projected, plan, seen.mapped, mapping);
    let taken_at = Some(remote.updated_at.plus_ms(-clock_offset_ms));
    Verdict { base: out.base.or(arrived), unfit: seen.unfit, taken_at, ..out }
}

/// The base with what stands there in fields that are only sent: whoever changes them there, the board's rule makes
/// them again.
fn sent_only<'b>(base: Option<&'b Fields>, there: &Fields) -> Option<Cow<'b, Fields>> {
    let mut base = Cow::Borrowed(base?);
    for field in Fields::all_of([&*base, there]) {
        if matches!(field, Field::Extra(name) if name.is_sent_only()) && !base.same(there, field) {
            base.to_mut().take(field, there);
        }
    }
    Some(base)
}

/// Where a move goes over several steps, and its answer was lost, the status it stands in now is one on its way: as if
/// that had been agreed on, so that it goes on from there and is no conflict with itself.
fn on_its_way<'k>(known: &'k Known, there: &Fields, mapping: &StatusMapping) -> Cow<'k, Known> {
    let (Some(base), Some(sent)) = (&known.base, &known.sent) else { return Cow::Borrowed(known) };
    let halfway = mapping.hops() && sent.fields.contains(&Field::Status) && there.status != sent.to.status;
    if !halfway || base.status == there.status {
        return Cow::Borrowed(known);
    }
    let mut known = known.clone();
    known.base.iter_mut().for_each(|base| base.take(Field::Status, there));
    Cow::Owned(known)
}

/// The base with what of a write without an answer is there: that was agreed on, though nobody could say so. Else an
/// edit made since would be in conflict with our own write, or be undone by it. `None` where nothing arrived.
pub fn arrived(known: &Known, there: &Fields) -> Option<Fields> {
    let (base, sent) = (known.base.as_ref()?, known.sent.as_ref()?);
    let mut out = base.clone();
    for field in &sent.fields {
        match field {
            Field::Labels => out.labels = part_of(&sent.labels, &there.labels).apply(&out.labels),
            Field::Assignees => {
                out.assignees = part_of(&sent.assignees, &there.assignees).apply(&out.assignees);
            }
            field if sent.to.same(there, *field) => out.take(*field, there),
            _ => {}
        }
    }
    (out != *base).then_some(out)
}

/// The part of a change of names that `there` shows.
fn part_of(sent: &SetDelta, there: &BTreeSet<String>) -> SetDelta {
    SetDelta {
        add: sent.add.iter().filter(|name| contains(there, name)).cloned().collect(),
        remove: sent.remove.iter().filter(|name| !contains(there, name)).cloned().collect(),
    }
}

/// The policies with what is special about single fields of this card.
fn with_special_cases<'p>(policies: &'p Policies, known: &Known) -> Cow<'p, Policies> {
    if known.undoing.is_empty() && known.flapping.is_empty() {
        return Cow::Borrowed(policies);
    }
    let mut own = policies.clone();
    own.fields.extend(known.undoing.iter().map(|f| (*f, Policy::Remote)));
    own.held.extend(&known.flapping);
    Cow::Owned(own)
}

fn verdict(known: &Known, projected: &Fields, plan: Plan, mapped: bool, mapping: &StatusMapping) -> Verdict {
    let card = plan.pull.map(|mut fields| {
        // The connection could not express the card's own status, and did not change its own.
        if fields.status == projected.status {
            fields.status.clone_from(&known.card.status);
        }
        // Nor those it has no name for.
        fields.assignees =
            SetDelta::between(&projected.assignees, &fields.assignees).apply(&known.card.assignees);
        let all = Fields::all_of([&fields, &known.card]);
        for field in all.into_iter().filter(|field| !mapping.reads(*field)) {
            fields.take(field, &known.card);
        }
        fields
    });
    let status = card.as_ref().map_or(&known.card.status, |c| &c.status);
    Verdict {
        case: plan.case,
        mapped: mapped && mapping.target(status).is_some(),
        card,
        base: plan.base,
        conflicts: plan.conflicts,
        queue: if plan.push.is_some() { Queue::Needed } else { Queue::Settled },
        push: plan.push,
        unfit: Vec::new(),
        taken_at: None,
    }
}

/// Judges the answer to a push: `sent.to` is the state both sides were meant to reach, `answer` what the server holds.
///
/// Edits made meanwhile stay and are still to be sent; what the server made of the values we sent is taken over. What
/// was not sent, and was changed there and here while the request was under way, is a conflict as any other. A field
/// that waits for a person is left alone on both sides, and goes on waiting.
pub fn confirm(
    known: &Known,
    sent: &Push,
    answer: &RemoteItem,
    mapping: &StatusMapping,
    policies: &Policies,
    clock_offset_ms: i64,
) -> Verdict {
    // What the answer does not tell is as it was sent.
    let told = see(known, Some(&sent.to), answer, mapping);
    let (fields, mapped) = (told.fields, told.mapped);
    let (projected, mut unfit) = projected(&known.card, known.base.as_ref(), mapping, &known.told);
    unfit.extend(told.unfit);
    let mut seen = fields.clone();
    let mut before = sent.to.clone();
    // What was not sent was agreed on as the base says: it may have been taken back since (`Tx::unsee`).
    if let Some(agreed) = &known.base {
        let unsent = Fields::all_of([&before, agreed]).into_iter().filter(|f| !sent.fields.contains(f));
        unsent.for_each(|field| before.take(field, agreed));
    }
    let mut base = fields.clone();
    let mut waiting = Vec::new();
    for field in &known.open_conflicts {
        seen.take(*field, &projected);
        before.take(*field, &projected);
        if let Some(old) = &known.base {
            base.take(*field, old);
        }
        waiting.push(FieldConflict {
            field: *field,
            base: known.base.as_ref().map(|b| b.value(*field)),
            local: projected.value(*field),
            remote: fields.value(*field),
            winner: None,
        });
    }
    let edited = known.edited.iter().map(|(f, at)| (*f, at.plus_ms(clock_offset_ms))).collect();
    let local = Local::Present { fields: projected.clone(), edited };
    let there = Remote::Present { fields: seen, updated_at: answer.updated_at };
    let mut policies = with_special_cases(policies, known).into_owned();
    // A status reads back as it was written; one that does not was changed by somebody just before our write.
    let contested = sent.fields.contains(&Field::Status) && fields.status != sent.to.status;
    if let Some(old) = known.base.as_ref().filter(|_| contested) {
        before.take(Field::Status, old);
    }
    let ours = |field: &Field| sent.fields.contains(field) && !(contested && *field == Field::Status);
    // Edited again while its value was on its way, and made into something else by the server: the newer edit stands.
    policies.fields.extend(sent.fields.iter().copied().filter(ours).map(|field| (field, Policy::Local)));
    let mut plan = reconcile(Some(&before), &local, &there, &policies);
    plan.conflicts.retain(|c| !ours(&c.field));
    for open in plan.conflicts.iter().filter(|c| c.winner.is_none()) {
        base.take(open.field, &before);
    }
    plan.conflicts.extend(waiting);
    let taken_at = Some(answer.updated_at.plus_ms(-clock_offset_ms));
    Verdict { base: Some(base), unfit, taken_at, ..verdict(known, &projected, plan, mapped, mapping) }
}

/// Judges the answer to a push on a connection that takes nothing in: the fields that were sent are agreed on, as we
/// sent them; what else changed there is none of our business and is not written over.
pub fn confirm_sent(known: &Known, sent: &Push, answer: &RemoteItem, mapping: &StatusMapping) -> Verdict {
    let told = see(known, Some(&sent.to), answer, mapping);
    let mapped = told.mapped;
    let mut base = known.base.clone().unwrap_or(told.fields);
    sent.fields.iter().for_each(|field| base.take(*field, &sent.to));
    let (projected, unfit) = projected(&known.card, Some(&base), mapping, &known.told);
    let unsent = !base.differing(&projected).is_empty();
    Verdict {
        case: Case::Push,
        card: None,
        base: Some(base),
        mapped: mapped && mapping.target(&known.card.status).is_some(),
        conflicts: Vec::new(),
        queue: if unsent { Queue::Needed } else { Queue::Settled },
        push: None,
        unfit,
        taken_at: None,
    }
}

/// Judges the answer to a create: the answer is the base, whatever differs here is still to be sent.
pub fn adopt(known: &Known, answer: &RemoteItem, mapping: &StatusMapping) -> Verdict {
    let fresh = Known { base: None, archived: false, ..known.clone() };
    let fields = see(known, None, answer, mapping).fields;
    let card = project(&known.card, Some(&fields), mapping, &known.told);
    let out = judge(&Known { card, ..fresh }, answer, mapping, &Policies::default(), 0);
    let mapped = mapping.target(&known.card.status).is_some();
    Verdict { mapped, ..out }
}

/// What a create of `fields` makes there: open, with the labels of its status. It is kept before the create is sent.
pub fn as_created(fields: &Fields, mapping: &StatusMapping) -> Fields {
    let blank = PlatformState::default();
    let written = mapping.write(&blank, &fields.status).unwrap_or_default();
    let labels = written.labels.apply(&fields.labels);
    let reading = mapping.read(&PlatformState { labels, ..blank });
    Fields { status: reading.status, labels: reading.labels, ..fields.clone() }
}

/// Judges an item whose create had no answer and which was found later: somebody may have edited it meanwhile, so what
/// the create made of it is the base, and nothing that was edited there is written over unseen.
pub fn found(
    known: &Known,
    item: &RemoteItem,
    mapping: &StatusMapping,
    policies: &Policies,
    clock_offset_ms: i64,
) -> Verdict {
    let Some(made) = &known.base else { return adopt(known, item, mapping) };
    let living = Known { archived: false, ..known.clone() };
    let out = judge(&living, item, mapping, policies, clock_offset_ms);
    Verdict { case: Case::Adopt, base: out.base.or_else(|| Some(made.clone())), ..out }
}

pub use see::project;
use see::{projected, see};

#[cfg(test)]
mod tests;
