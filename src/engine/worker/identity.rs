//! Who we are there, and whether it is still the same place: a repository that was made anew under the same name, or
//! that is suddenly empty, is not synchronised before a person said so.

use serde_json::json;

use super::{Stepped, Trouble, Worker};
use crate::connector::Stops;

impl Worker {
    /// Looks once at who we are there and what we may do, so that the panel can say what will not work.
    pub(super) async fn introduce(&mut self) -> Stepped {
        let probe = self.connector()?.probe().await?;
        let warning = match &probe {
            p if p.archived => Some("the repository is archived: it can only be read".to_owned()),
            p if !p.has_issues => Some("issues are switched off in this repository".to_owned()),
            p => {
                let pushes = self.settings.direction.pushes();
                let told = p.findings.iter().find(|f| pushes || f.stops == Stops::Everything);
                told.map(|f| format!("{}: {}", f.trouble.words(), f.message))
            }
        };
        self.show(|h| (h.login, h.warning, h.token_expires) = (Some(probe.login), warning, probe.expires_at));
        self.compare(probe.repository_id).await?;
        Ok(())
    }

    /// Asks the platform which repository this is. Returns whether it is the one that was first seen; when it is not,
    /// a person is asked.
    pub async fn recognise(&mut self) -> Result<bool, Trouble> {
        let found = self.connector()?.identity().await?;
        self.compare(found).await
    }

    async fn compare(&mut self, found: Option<String>) -> Result<bool, Trouble> {
        let name = self.settings.name.clone();
        let known = self.engine.0.store.run(move |db| db.home(&name)).await?.repository_id;
        let name = self.settings.name.clone();
        match (known, found) {
            (Some(known), Some(found)) if known != found => {
                tracing::warn!(connection = %name, %known, %found, "another repository is at this address");
                let detail =
                    json!({ "known": known, "found": found, "repository": self.settings.repository });
                self.engine.0.store.run(move |db| db.ask(&name, "different", None, &detail)).await?;
                self.recognised = false;
                return Ok(false);
            }
            (None, Some(found)) => {
                self.engine.0.store.run(move |db| db.set_home(&name, &found)).await?;
            }
            _ => {}
        }
        self.recognised = true;
        Ok(true)
    }

    /// Whether a platform that has nothing at all is to be believed: nothing is linked, or a person said so since the
    /// last census. Else the person is asked.
    pub(super) async fn may_be_empty(&self) -> Result<bool, Trouble> {
        let name = self.settings.name.clone();
        let linked = self.engine.0.store.run(move |db| db.expected_count(&name)).await?;
        if linked == 0 || self.was_let_go().await? {
            return Ok(true);
        }
        let (name, detail) = (self.settings.name.clone(), json!({ "missing": linked, "linked": linked }));
        self.engine.0.store.run(move |db| db.ask(&name, "empty", None, &detail)).await?;
        Ok(false)
    }

    /// Whether a person said since the last census that what is missing there is to be taken for gone.
    pub(super) async fn was_let_go(&self) -> Result<bool, Trouble> {
        let name = self.settings.name.clone();
        let (home, asked) =
            self.engine.0.store.run(move |db| Ok((db.home(&name)?, db.questions(&name)?))).await?;
        let goes = asked.iter().filter(|q| q.stops_connection() && q.go == Some(true));
        Ok(goes.filter_map(|q| q.answered_at).any(|at| home.counted_at.is_none_or(|counted| at >= counted)))
    }
}
