//! Carries out the edits of a story, here and on the platform, and writes each into the machine's own books.

use std::collections::BTreeSet;

use corkboard::domain::Kind;
use corkboard::domain::board::{Board, Place};
use corkboard::domain::card::{Card, CardId};
use corkboard::domain::command::{Command, NewCard, decide};
use corkboard::domain::fields::{Field, SetDelta};
use corkboard::domain::history::VersionKind;
use corkboard::domain::mapping::Status;
use corkboard::domain::{Choice, Decision};
use corkboard::engine::Engine;
use corkboard::sandbox::IssueView;
use corkboard::support::clock::Clock;

use super::abroad::POOL;
use super::check::{home_number, number_of};
use super::ledger::{LocalEdit, Node, On};
use super::place::Ground;
use super::plan::{Edit, Here, There};
use super::world::{MILESTONES, PEOPLE, STATUS_LABELS, STATUSES, World};
use crate::stage::REPO;

fn one(name: &str) -> BTreeSet<String> {
    BTreeSet::from([name.to_owned()])
}

fn add(name: &str) -> SetDelta {
    SetDelta { add: one(name), ..SetDelta::default() }
}

fn remove(name: &str) -> SetDelta {
    SetDelta { remove: one(name), ..SetDelta::default() }
}

/// The `at`th of a set, counted round and round.
pub fn pick(names: &BTreeSet<String>, at: u8) -> Option<String> {
    names.iter().nth(usize::from(at) % names.len().max(1)).cloned()
}

impl World {
    pub fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Here { second, posted, card, edit } => self.edit_here(*second, *posted, *card, edit),
            Edit::There { place, who, issue, edit } => {
                let place = usize::from(*place) % self.places.len();
                if self.places[place].ground == Ground::Github {
                    self.edit_there(*who, *issue, edit);
                } else {
                    self.edit_abroad(place, *issue, edit);
                }
            }
        }
    }

    /// Where a label stands among those of the first card.
    pub fn label_of_first_card(&mut self, name: &str) -> u8 {
        let engine = self.engine();
        let board = self.process().block_on(engine.board()).expect("a board");
        let card = board.cards().find(|c| c.links[0].number == Some(1)).expect("the first card");
        card.labels.iter().position(|l| l == name).expect("it has it") as u8
    }

    fn edit_here(&mut self, second: bool, posted: bool, at: u8, edit: &Here) {
        let engine = self.process().desk(second);
        if let Here::Create(status) = edit {
            return self.create(&engine, posted, *status, 1);
        }
        if let Here::CreateOn { status, places } = edit {
            return self.create(&engine, posted, *status, *places);
        }
        let board = self.process().block_on(engine.board()).expect("a board");
        self.observe(&board);
        let mut cards: Vec<&Card> = board.cards().collect();
        let several = self.places.len() > 1;
        cards.sort_by_key(|c| {
            // Those on several platforms first, so that edits meet there.
            let alone = several && c.links.len() < 2;
            let number = c.links.first().and_then(|l| l.number).unwrap_or(u64::MAX);
            (alone, number, c.created_at, &c.title)
        });
        let Some(card) = cards.get(usize::from(at) % cards.len().max(1)).map(|c| (*c).clone()) else {
            return;
        };
        if let Here::Link(_) | Here::Unlink(_) | Here::Join(_) = edit {
            return self.relink(&engine, &card, &cards, edit);
        }
        let n = self.ledger.fresh();
        let id = card.id;
        self.ledger.numbers.extend(number_of(&card).map(|number| (id, number)));
        let text = |after: String| (after.clone(), after);
        let (field, before, (after, command)) = match edit {
            Here::Move(to) => {
                let to = STATUSES[usize::from(*to)];
                let command = Command::Move { card: id, to: Status::new(to), place: Place::Top };
                (Field::Status, card.status.to_string(), (to.to_owned(), command))
            }
            Here::Retitle => {
                let (after, title) = text(format!("here {n}"));
                (Field::Title, card.title.clone(), (after, Command::Retitle { card: id, title }))
            }
            Here::Rewrite => {
                let detail = self.process().block_on(engine.card_detail(id)).expect("read");
                let before = detail.map(|d| d.body).unwrap_or_default();
                let (after, body) = text(format!("Written here: {n}.\n\nTwo lines."));
                let command = Command::Rewrite { card: id, before: before.clone(), after: body };
                (Field::Body, before, (after, command))
            }
            Here::Milestone(which) => {
                let milestone = MILESTONES.get(usize::from(*which)).map(|m| (*m).to_owned());
                let after = milestone.clone().unwrap_or_default();
                let before = card.milestone.clone().unwrap_or_default();
                (Field::Milestone, before, (after, Command::SetMilestone { card: id, milestone }))
            }
            other => return self.edit_names(&engine, posted, &card, n, other),
        };
        if before != after && self.carry_out(&engine, posted, command) {
            self.ledger.edits.push(LocalEdit { card: id, field, before, after });
        }
    }

    /// Edits of what is no single value: labels, people, comments, the card as a whole.
    fn edit_names(&mut self, engine: &Engine, posted: bool, card: &Card, n: u32, edit: &Here) {
        let (id, on) = (card.id, On::Card(card.id));
        match edit {
            Here::AddLabel => {
                let name = format!("here-{n}");
                if self.carry_out(engine, posted, Command::Label { card: id, delta: add(&name) }) {
                    self.ledger.added.push((Field::Labels, on, name));
                }
            }
            Here::RemoveLabel(at) => {
                let Some(name) = pick(&card.labels, *at) else { return };
                if self.carry_out(engine, posted, Command::Label { card: id, delta: remove(&name) }) {
                    self.ledger.removed.insert((Field::Labels, on, name));
                }
            }
            Here::Assign if card.assignees.len() < 6 => {
                // Where there are several platforms, every second one is known on more than one of them.
                let known = POOL[n as usize / 2 % POOL.len()];
                let name = if self.meets(n) { known.to_owned() } else { self.newcomer(n) };
                if self.carry_out(engine, posted, Command::Assign { card: id, delta: add(&name) })
                    && !POOL.contains(&name.as_str())
                {
                    self.ledger.added.push((Field::Assignees, on, name));
                }
            }
            Here::Unassign(at) => {
                let Some(name) = pick(&card.assignees, *at) else { return };
                if self.carry_out(engine, posted, Command::Assign { card: id, delta: remove(&name) })
                    && !self.is_shared(&name)
                {
                    self.ledger.removed.insert((Field::Assignees, on, name));
                }
            }
            Here::Comment => {
                let body = format!("Said here {n}.");
                if self.carry_out(engine, posted, Command::Comment { card: id, body: body.clone() }) {
                    self.ledger.said.push((body.clone(), card.links.iter().map(|l| l.id).collect()));
                    self.ledger.comments.push((id, body));
                }
            }
            Here::Archive
                if n.is_multiple_of(3) && self.carry_out(engine, posted, Command::Archive { card: id }) =>
            {
                self.ledger.archived.insert(id);
            }
            Here::Resolve { local } => self.resolve(engine, *local),
            _ => {}
        }
    }

    /// Decides an open conflict, when there is one.
    fn resolve(&mut self, engine: &Engine, local: bool) {
        let choice = if local { Choice::Local } else { Choice::Remote };
        let work = engine.store().run(move |db| {
            let open = db.conflicts(0)?.into_iter().next();
            let decisions: Vec<Decision> =
                open.map(|c| Decision { conflict: c.id, choice }).into_iter().collect();
            db.resolve(&decisions).map(|_| decisions.len() as u64)
        });
        let resolved = self.process().block_on(work).expect("resolved");
        self.tally.add("conflicts decided by hand", resolved);
        if resolved > 0 {
            engine.sync_now(None);
        }
    }

    /// Writes down what belongs together.
    pub fn observe(&mut self, board: &Board) {
        for card in board.cards() {
            for link in &card.links {
                self.ledger.links.insert(link.id, card.id);
                let place = self.places.iter().position(|p| p.name == link.connection);
                if let (Some(place), Some(number)) = (place, home_number(link)) {
                    self.ledger.join(Node::Card(card.id), Node::Item(place, number));
                }
            }
        }
    }

    /// Whether the next person to be assigned is one that is known on several platforms.
    fn meets(&self, n: u32) -> bool {
        self.places.len() > 1 && n.is_multiple_of(2)
    }

    /// Whether somebody is put on and taken off more than once.
    fn is_shared(&self, name: &str) -> bool {
        self.places.len() > 1 && POOL.contains(&name)
    }

    fn create(&mut self, engine: &Engine, posted: bool, status: u8, on: u8) {
        let n = self.ledger.fresh();
        let (id, title, body) = (CardId::random(), format!("made here {n}"), format!("Made here: {n}."));
        let status = STATUSES[usize::from(status)].to_owned();
        let label = format!("new-{n}");
        let all = self.places.iter().enumerate();
        let mut connections: Vec<_> =
            all.filter(|(at, _)| on >> at & 1 == 1).map(|(_, p)| p.name.clone()).collect();
        if connections.is_empty() {
            connections = self.places.iter().map(|p| p.name.clone()).collect();
        }
        let card = NewCard {
            id,
            kind: Kind::ALL[n as usize % 3],
            title: title.clone(),
            body: body.clone(),
            status: Status::new(status.as_str()),
            labels: one(&label),
            assignees: BTreeSet::new(),
            milestone: None,
            extra: std::collections::BTreeMap::new(),
            connections,
            at: self.home.ours.now(),
        };
        if !self.carry_out(engine, posted, Command::Create(card)) {
            return;
        }
        self.ledger.added.push((Field::Labels, On::Card(id), label));
        for (field, after) in [(Field::Title, title), (Field::Body, body), (Field::Status, status)] {
            self.ledger.edits.push(LocalEdit { card: id, field, before: String::new(), after });
        }
        let made = self.process().block_on(engine.card(id)).expect("read").expect("there");
        self.ledger.made.insert(id, made.links[0].id.to_string());
        self.ledger.links.extend(made.links.iter().map(|l| (l.id, id)));
    }

    /// Carries a command out by one of the two ways; whether it was.
    fn carry_out(&mut self, engine: &Engine, posted: bool, command: Command) -> bool {
        let process = self.process();
        if !posted {
            return process.block_on(engine.carry_out(command)).is_ok_and(|changes| !changes.is_empty());
        }
        process.block_on(async {
            let board = engine.board().await.expect("a board");
            let Ok(changes) = decide(&board, command) else { return false };
            let any = !changes.is_empty();
            engine.commit(1, VersionKind::Edit, changes);
            // Calls are carried out in order: this one's answer says that the commit is done.
            engine.store().run(|_| Ok(())).await.expect("the store runs");
            any
        })
    }

    /// Somebody the platform knows, and who was never assigned.
    fn newcomer(&mut self, n: u32) -> String {
        let name = format!("u{n}");
        self.sandbox().web(&name).create_milestone(REPO, MILESTONES[0]).expect("known there");
        name
    }

    fn edit_there(&mut self, who: u8, at: u8, edit: &There) {
        let issues: Vec<IssueView> =
            self.sandbox().issues(REPO).into_iter().filter(|i| !i.pull_request).collect();
        let web = self.sandbox().web(PEOPLE[usize::from(who) % PEOPLE.len()]);
        let n = self.ledger.fresh();
        if *edit == There::Create {
            web.create_issue(REPO, &format!("made there {n}"), "Made there.\r\n").expect("created");
            return;
        }
        let Some(issue) = issues.get(usize::from(at) % issues.len().max(1)) else { return };
        let number = issue.number;
        let on = On::Issue(0, number);
        // A person at the web pages does not see the line that marks a body as ours, and keeps it.
        let marker =
            issue.body.as_deref().and_then(|b| b.find("<!-- corkboard:").map(|at| b[at..].to_owned()));
        let done = match edit {
            There::Title => web.set_title(REPO, number, &format!("there {n}")),
            There::Body { crlf } => {
                let body = format!("Written there: {n}.\n\nTwo lines.\n\n{}", marker.unwrap_or_default());
                let body = if *crlf { body.replace('\n', "\r\n") } else { body };
                web.set_body(REPO, number, &body)
            }
            There::AddLabel => {
                let name = format!("there-{n}");
                self.ledger.added.push((Field::Labels, on, name.clone()));
                web.add_label(REPO, number, &name)
            }
            There::RemoveLabel(at) => {
                let own: BTreeSet<String> =
                    issue.labels.iter().filter(|l| !STATUS_LABELS.contains(&l.as_str())).cloned().collect();
                let Some(name) = pick(&own, *at) else { return };
                self.ledger.removed.insert((Field::Labels, on, name.clone()));
                web.remove_label(REPO, number, &name)
            }
            There::Stand(to) => {
                // The new label before the old one, as people do.
                let to = STATUS_LABELS[usize::from(*to)];
                web.add_label(REPO, number, to).expect("labelled");
                let old = issue.labels.iter().filter(|l| STATUS_LABELS.contains(&l.as_str()) && *l != to);
                old.for_each(|l| web.remove_label(REPO, number, l).expect("taken off"));
                Ok(())
            }
            There::Close(why) => {
                web.close(REPO, number, ["completed", "not_planned", "duplicate"][usize::from(*why)])
            }
            There::Reopen => web.reopen(REPO, number),
            There::Assign if issue.assignees.len() < 6 => {
                if self.meets(n) {
                    web.assign(REPO, number, POOL[n as usize / 2 % POOL.len()])
                } else {
                    let name = self.newcomer(n);
                    self.ledger.added.push((Field::Assignees, on, name.clone()));
                    web.assign(REPO, number, &name)
                }
            }
            There::Unassign(at) => {
                let people = issue.assignees.iter().cloned().collect();
                let Some(name) = pick(&people, *at) else { return };
                if !self.is_shared(&name) {
                    self.ledger.removed.insert((Field::Assignees, on, name.clone()));
                }
                web.unassign(REPO, number, &name)
            }
            There::Milestone(which) => {
                web.set_milestone(REPO, number, MILESTONES.get(usize::from(*which)).copied())
            }
            There::Comment => web.comment(REPO, number, &format!("Said there {n}.")).map(drop),
            There::Hide if n.is_multiple_of(2) => web.hide(REPO, number),
            There::Show => {
                // What is hidden is in no list.
                (1..=number + 8).for_each(|hidden| _ = web.show(REPO, hidden));
                Ok(())
            }
            There::Delete if n.is_multiple_of(4) => web.delete(REPO, number),
            There::Transfer if n.is_multiple_of(4) => web.transfer(REPO, number, "octo/other").map(drop),
            _ => Ok(()),
        };
        done.expect("edited");
    }
}
