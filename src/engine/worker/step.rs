//! What a connection does next: what was asked of it, what waits, and what the schedule makes of both.

use super::{Worker, dice};
use crate::config::settings::{Guards, Mode};
use crate::store::{Ask, Asked, StoreError};
use crate::support::clock::Timestamp;
use crate::sync::schedule::{Facts, Pace, Step, jittered, next};

/// What was asked of a connection, and what waits.
struct Look {
    retry: bool,
    sync_now: bool,
    census: bool,
    paused: bool,
    next_push: Option<Timestamp>,
    asked: Vec<Asked>,
}

impl Worker {
    /// What one act may do unasked. A dry run sends nothing and shows all of it.
    pub fn guards(&self) -> Guards {
        let usual = self.settings.guards;
        if self.dry_run { Guards { bulk_creates: u32::MAX, bulk_updates: u32::MAX, ..usual } } else { usual }
    }

    /// Reads what was asked, here or by another process, and what waits.
    async fn look(&mut self) -> Result<Look, StoreError> {
        let requests = self.line.take_requests();
        let (name, guards, dry_run) = (self.settings.name.clone(), self.guards(), self.dry_run);
        let look = self
            .engine
            .0
            .store
            .run(move |db| {
                let asks = if dry_run { Vec::new() } else { db.take_asks(&name)? };
                let retry = requests.retry || asks.contains(&Ask::Retry);
                if retry {
                    db.retry(&name, None)?;
                }
                db.ask_about_bulk(&name, &guards)?;
                Ok(Look {
                    retry,
                    sync_now: requests.sync_now || asks.contains(&Ask::Sync),
                    census: asks.contains(&Ask::Census),
                    paused: db.is_paused(&name)?,
                    next_push: db.next_due(&name, &guards)?,
                    asked: db.questions(&name)?,
                })
            })
            .await?;
        if look.retry {
            self.halted_until = None;
            self.stored.breaker.reset();
            self.engine.tell();
        }
        let pulls = self.settings.direction.pulls();
        if look.retry || look.sync_now || look.census {
            self.next_pull = pulls.then(|| self.now());
            self.halted_until = None;
            self.in_pass = true;
        }
        if look.census {
            self.next_census = pulls.then(|| self.now());
        }
        Ok(look)
    }

    pub async fn next_step(&mut self) -> Result<Step, StoreError> {
        let Look { paused, next_push, asked, .. } = self.look().await?;
        let now = self.now();
        let blocked = [self.stored.cool_down_until, self.stored.breaker.open_until, self.halted_until];
        let facts = Facts {
            paused,
            asking: asked.iter().any(|q| q.stops_connection() && q.go.is_none()),
            pace: match self.settings.mode {
                Mode::RealTime => Pace::AtOnce,
                Mode::Interval => Pace::AtTicks(self.next_tick),
                Mode::Batch => Pace::WhenAsked,
            },
            in_pass: self.in_pass,
            blocked_until: blocked.into_iter().flatten().max(),
            next_push: next_push.filter(|_| self.settings.direction.pushes()),
            next_pull: self.next_pull,
            next_census: self.next_census,
            pushes_in_a_row: self.pushes,
        };
        let mut step = next(now, &facts);
        // What was found while it stood still may have changed meanwhile.
        self.recognised &= !facts.paused && !facts.asking;
        let stands = facts.paused || facts.asking || facts.blocked_until.is_some_and(|until| now < until);
        match &mut step {
            Step::Push | Step::Pull | Step::Census => self.in_pass = true,
            Step::Wait(until) if !stands => self.end_pass(now, until),
            Step::Wait(_) => {}
        }
        self.report(&step, &facts, &asked).await?;
        Ok(step)
    }

    /// Nothing is due any more: a connection that works at ticks waits for the next one.
    fn end_pass(&mut self, now: Timestamp, until: &mut Option<Timestamp>) {
        self.in_pass = false;
        if self.settings.mode == Mode::Interval {
            if self.next_tick.is_none_or(|tick| tick <= now) {
                let ms = jittered(self.settings.interval.as_millis() as i64, dice());
                self.next_tick =
                    Some(self.next_pull.filter(|at| *at > now).unwrap_or_else(|| now.plus_ms(ms)));
            }
            *until = self.next_tick;
        }
        if self.settings.mode == Mode::Batch {
            *until = None;
        }
    }
}
