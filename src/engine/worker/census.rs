//! The census: a complete listing, and a look at each linked item that it did not bring. Absence is not deletion: only
//! what the platform says of an item itself counts, and no card is ever deleted or made again.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::pull::{Purpose, Seen};
use super::{Stepped, Worker};
use crate::connector::{Failure, Fetched, Scope};
use crate::domain::health::HealthState;
use crate::domain::remote::{Cursor, RemoteItem};
use crate::engine::deliver::one_way;
use crate::store::{Expected, StoreError};
use crate::sync::judge;
use crate::sync::retry::Class;

/// With so many missing at once, and more than half of all, a person is asked before one is looked at.
const VANISHED: usize = 20;

/// What a look at a missing item found.
enum Found {
    /// It is there after all, or nothing can be said of it.
    There,
    /// It is in another repository now.
    Moved(Box<RemoteItem>),
    /// It is gone: why.
    Gone(String),
}

impl Worker {
    /// Counts the linked items. Stopped half-way it counts as not done.
    pub async fn census(&mut self, cancel: &CancellationToken) -> Stepped {
        self.show(|h| h.state = HealthState::Syncing);
        let name = self.settings.name.clone();
        let expected = self.engine.0.store.run(move |db| db.expected(&name)).await?;
        let mut seen = Seen::default();
        let walked = self.walk(&Cursor::default(), Purpose::Census(&mut seen), cancel).await?;
        if walked.is_none() {
            return Ok(());
        }
        let linked = expected.len();
        let missing: Vec<Expected> = expected
            .into_iter()
            .filter(|e| !seen.ids.contains(&e.at.id) && !self.newer.contains(&e.link))
            .collect();
        seen.homes.insert(self.settings.repository.to_lowercase());
        // What moved to another repository before is in no listing here, and is looked at each time.
        let here = missing.iter().filter(|e| seen.homes.contains(&e.at.repository.to_lowercase())).count();
        let nothing = seen.ids.is_empty();
        let sudden = here > VANISHED && here * 2 > linked || nothing && here > 0;
        if sudden && !self.was_let_go().await? {
            if self.recognise().await? {
                let kind = if nothing { "empty" } else { "vanished" };
                let detail = json!({ "missing": here, "linked": linked });
                let name = self.settings.name.clone();
                self.engine.0.store.run(move |db| db.ask(&name, kind, None, &detail)).await?;
            }
            return Ok(());
        }
        let mut asked_for_the_whole = false;
        for one in missing {
            if cancel.is_cancelled() || self.must_stop().await? {
                return Ok(());
            }
            self.look_after(one, &mut asked_for_the_whole).await?;
            self.push_between_pages().await?;
        }
        self.learn_milestones().await;
        self.count_again().await?;
        self.succeed_counting();
        Ok(())
    }

    /// Notes that everything was counted now, and when to count again.
    pub(super) async fn count_again(&mut self) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        self.engine.0.store.run(move |db| db.set_counted(&name)).await?;
        let every = self.settings.guards.census.map(|d| d.as_millis() as i64);
        self.next_census = every.map(|ms| self.now().plus_ms(ms));
        Ok(())
    }

    /// Looks at one missing item and writes down what became of it.
    async fn look_after(&mut self, one: Expected, asked: &mut bool) -> Stepped {
        let connector = self.connector()?;
        let Some(tracker) = connector.tracker() else { return Ok(()) };
        let found = match tracker.fetch(&one.at).await {
            Ok(Fetched::Hidden) if !*asked => {
                // When the whole repository is not to be seen, that is the connection's trouble and not the item's.
                *asked = true;
                connector.identity().await?;
                Found::Gone(HIDDEN.to_owned())
            }
            Ok(fetched) => self.weigh(&one, fetched),
            Err(failure) if concerns_the_item(&failure) => {
                tracing::warn!(connection = %self.settings.name, number = one.at.number, %failure, "left as it is");
                Found::There
            }
            Err(failure) => return Err(failure.into()),
        };
        match found {
            Found::There => {}
            Found::Moved(item) => self.relink(&one, *item).await?,
            Found::Gone(why) => self.set_aside(&one, why).await?,
        }
        self.engine.tell();
        Ok(())
    }

    fn weigh(&self, one: &Expected, fetched: Fetched) -> Found {
        match fetched {
            Fetched::Deleted => Found::Gone("it was deleted there; the card stays here".to_owned()),
            Fetched::Hidden => Found::Gone(HIDDEN.to_owned()),
            Fetched::Converted(what) => Found::Gone(format!("it became {what} there; the card stays here")),
            Fetched::Item(item) if item.at.repository.eq_ignore_ascii_case(&one.at.repository) => {
                Found::There
            }
            // The repository as a whole has another name or owner now: nothing moved.
            Fetched::Item(item) if item.at.id == one.at.id && item.at.number == one.at.number => Found::There,
            Fetched::Item(item) => match self.engine.settings().connections.iter().find(|c| {
                c.name != self.settings.name
                    && c.api_url == self.settings.api_url
                    && c.repository.eq_ignore_ascii_case(&item.at.repository)
            }) {
                Some(other) => Found::Gone(format!(
                    "it was transferred to {}; the connection `{}` has it now",
                    item.url, other.name
                )),
                None => Found::Moved(item),
            },
        }
    }

    /// Ties a card to the place its issue was transferred to.
    async fn relink(&mut self, one: &Expected, item: RemoteItem) -> Stepped {
        let (name, link) = (self.settings.name.clone(), one.link);
        let (mapping, policies) = (self.settings.mapping.clone(), self.policies());
        let (offset, direction) = (self.clock_offset_ms(), self.settings.direction);
        let words = format!("transferred to {}", item.url);
        tracing::info!(connection = %name, number = one.at.number, %words, "an issue moved");
        let relinked = self
            .engine
            .0
            .store
            .run(move |db| {
                db.relink(&name, link, &item, |known| {
                    one_way(direction, judge::judge(known, &item, &mapping, &policies, offset))
                })
            })
            .await?;
        if !relinked {
            self.set_aside(one, format!("it was {words}, which another card has")).await?;
        }
        Ok(())
    }

    async fn set_aside(&mut self, one: &Expected, why: String) -> Stepped {
        let (name, link) = (self.settings.name.clone(), one.link);
        self.report.refused.push(format!("{name}#{}: {why}", one.at.number));
        self.engine.0.store.run(move |db| db.hold(&name, link, &why)).await?;
        Ok(())
    }

    fn succeed_counting(&mut self) {
        self.show(|h| {
            h.state = HealthState::Healthy;
            h.reason = None;
        });
    }
}

const HIDDEN: &str = "it is not to be seen there: deleted, or permission lost; the card stays here";

/// Whether a failed look says something about the one item only.
fn concerns_the_item(failure: &Failure) -> bool {
    failure.scope == Scope::Item && failure.class != Class::Transient
}
