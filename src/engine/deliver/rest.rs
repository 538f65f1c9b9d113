//! What is done when an update fails: the rest of it goes without the move, where it may be the move alone that is refused.

use super::{Delivered, Item, Worker};
use crate::connector::{Failure, Outcome, Patch, Scope, Tracker};
use crate::domain::fields::Field;
use crate::domain::moves::Given;
use crate::domain::remote::RemoteItem;
use crate::store::StoreError;
use crate::sync::reconcile::Push;
use crate::sync::retry::Class;

impl Worker {
    /// Draws the consequences of an update that failed. A refused one that holds a move is sent once more without it, and
    /// the move is judged by itself after it: an edit is not held up by a workflow.
    pub(super) async fn failed(
        &mut self,
        tracker: &dyn Tracker,
        item: &Item,
        (push, revision): (Push, i64),
        seen: &RemoteItem,
        failure: Failure,
    ) -> Delivered {
        let Some(rest) = without_the_move(&push).filter(|_| is_refusal(&failure)) else {
            self.forget_replacing(item, &failure).await?;
            return self.refused(item, &push, revision, failure).await;
        };
        let (rest, agreed) = self.without_losses(item, rest, seen).await?;
        let patch = Patch { agreed, ..self.patch(&rest, seen, &item.link.known.told, &Given::new()) };
        if patch.touches_labels() {
            let (link, read_at) = (item.link.id, seen.updated_at);
            self.engine.0.store.run(move |db| db.begin_replacing(link, read_at)).await?;
        }
        match tracker.update(seen, &patch).await {
            Ok(answer) => {
                self.report.sent += 1;
                self.confirm(item, &rest, revision, answer, &Given::new()).await
            }
            Err(failure) => {
                self.forget_replacing(item, &failure).await?;
                self.refused(item, &push, revision, failure).await
            }
        }
    }

    /// Whatever may have been applied is looked at before the next write, however hopeless the rest is; what was not
    /// applied is not.
    async fn forget_replacing(&self, item: &Item, failure: &Failure) -> Result<(), StoreError> {
        let link = item.link.id;
        if failure.outcome == Outcome::NotApplied {
            self.engine.0.store.run(move |db| db.forget_intent(link)).await?;
        }
        Ok(())
    }
}

/// Whether the platform said no to what was asked of an item, and did nothing of it.
fn is_refusal(failure: &Failure) -> bool {
    let hopeless = matches!(failure.class, Class::Permanent | Class::Configuration);
    failure.scope == Scope::Item && hopeless && failure.outcome == Outcome::NotApplied
}

/// A push of all but the status; `None` where that is the only field, or none of them.
fn without_the_move(push: &Push) -> Option<Push> {
    let mut rest = push.clone();
    (rest.fields.remove(&Field::Status) && !rest.fields.is_empty()).then_some(rest)
}
