//! What people do at the web pages of GitLab and Jira, and what is done to links: the edits only a world of several
//! platforms has.

use std::collections::BTreeSet;

use corkboard::domain::card::Card;
use corkboard::domain::fields::Field;
use corkboard::engine::Engine;

use super::edits::pick;
use super::ledger::{Node, On};
use super::place::{Ground, Item, document};
use super::plan::{Here, There};
use super::world::{MILESTONES, World};
use crate::stage::REPO;

/// Who is known on every platform but Jira, which knows `cy`.
pub const POOL: [&str; 4] = ["ana", "ben", "cy", "dee"];
/// GitLab's labels for a status.
const WORKFLOW: [&str; 2] = ["workflow::approved", "workflow::in progress"];
/// Jira's statuses that are not the end.
const OPEN_STATUSES: [&str; 3] = ["To Do", "Blocked", "In Progress"];

fn text(n: u32) -> String {
    format!("Written there: {n}.\n\nTwo lines.")
}

impl World {
    /// Somebody edits an item on another platform than GitHub.
    pub fn edit_abroad(&mut self, place: usize, at: u8, edit: &There) {
        let n = self.ledger.fresh();
        let ground = self.places[place].ground;
        if *edit == There::Create {
            return self.create_abroad(ground, n);
        }
        if *edit == There::Show {
            return self.show(ground);
        }
        let items = self.places[place].items(self.sandbox());
        let Some(item) = items.get(usize::from(at) % items.len().max(1)).cloned() else { return };
        let on = On::Issue(place, item.number);
        match edit {
            There::AddLabel => {
                let name = format!("there-{n}");
                self.ledger.added.push((Field::Labels, on, name.clone()));
                self.put_label(ground, item.number, &name, true);
            }
            There::RemoveLabel(at) => {
                let own: BTreeSet<String> =
                    item.state.labels.iter().filter(|l| !WORKFLOW.contains(&l.as_str())).cloned().collect();
                let Some(name) = pick(&own, *at) else { return };
                self.ledger.removed.insert((Field::Labels, on, name.clone()));
                self.put_label(ground, item.number, &name, false);
            }
            edit if ground == Ground::Gitlab => self.edit_gitlab(&item, n, edit),
            edit => self.edit_jira(&item, n, edit),
        }
    }

    fn create_abroad(&self, ground: Ground, n: u32) {
        let title = format!("made there {n}");
        if ground == Ground::Gitlab {
            self.sandbox().gitlab().create_issue(REPO, &title, &text(n)).expect("made");
        } else {
            let key = self.sandbox().jira().create_issue("ana", &title);
            self.sandbox().jira().set_description(&key, document(&text(n)));
        }
    }

    /// Shows what was hidden.
    fn show(&self, ground: Ground) {
        if ground != Ground::Gitlab {
            return;
        }
        for issue in self.sandbox().gitlab().issues(REPO) {
            self.sandbox().gitlab().set_hidden(REPO, issue.iid, false).expect("there");
        }
    }

    fn put_label(&self, ground: Ground, number: u64, name: &str, on: bool) {
        let (gitlab, jira, key) = (self.sandbox().gitlab(), self.sandbox().jira(), format!("ABC-{number}"));
        let done = match (ground, on) {
            (Ground::Jira, true) => jira.add_label(&key, name),
            (Ground::Jira, false) => jira.remove_label(&key, name),
            (_, true) => gitlab.add_label(REPO, number, name).is_ok(),
            (_, false) => gitlab.remove_label(REPO, number, name).is_ok(),
        };
        assert!(done, "edited");
    }

    fn edit_gitlab(&self, item: &Item, n: u32, edit: &There) {
        let (web, number) = (self.sandbox().gitlab(), item.number);
        let people = |change: &dyn Fn(&mut BTreeSet<String>)| {
            let mut all = item.assignees.clone();
            change(&mut all);
            web.assign(REPO, number, &all.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let done = match edit {
            There::Title => web.set_title(REPO, number, &format!("there {n}")),
            There::Body { crlf } => {
                // Whoever edits the text keeps the line that marks it, which the page does not show.
                let marker = item.marker.as_ref().map(|m| format!("\n\n<!-- corkboard: {m} -->"));
                let body = format!("{}{}", text(n), marker.unwrap_or_default());
                web.set_description(REPO, number, &if *crlf { body.replace('\n', "\r\n") } else { body })
            }
            There::Stand(to) => match usize::from(*to).checked_sub(1) {
                Some(to) => web.add_label(REPO, number, WORKFLOW[to % 2]),
                None => WORKFLOW.iter().try_for_each(|l| web.remove_label(REPO, number, l)),
            },
            There::Close(_) => web.set_open(REPO, number, false),
            There::Reopen => web.set_open(REPO, number, true),
            There::Assign => people(&|all| _ = all.insert(POOL[n as usize % 4].to_owned())),
            There::Unassign(at) => people(&|all| {
                if let Some(name) = pick(&item.assignees, *at) {
                    all.remove(&name);
                }
            }),
            There::Milestone(which) => {
                web.set_milestone(REPO, number, MILESTONES.get(usize::from(*which)).copied())
            }
            There::Comment => web.comment(REPO, number, &format!("Said there {n}.")).map(drop),
            There::Delete if n.is_multiple_of(4) => web.delete(REPO, number),
            There::Hide if n.is_multiple_of(2) => web.set_hidden(REPO, number, true),
            _ => Ok(()),
        };
        done.expect("edited");
    }

    fn edit_jira(&self, item: &Item, n: u32, edit: &There) {
        let (web, key) = (self.sandbox().jira(), format!("ABC-{}", item.number));
        let done = match edit {
            There::Title => web.set_summary(&key, &format!("there {n}")),
            There::Body { .. } => web.set_description(&key, document(&text(n))),
            There::Stand(to) => web.set_status(&key, OPEN_STATUSES[usize::from(*to) % 3]),
            There::Close(why) => {
                web.resolve(&key, "Done", ["Done", "Won't Do", "Duplicate"][usize::from(*why) % 3])
            }
            There::Reopen => web.set_status(&key, OPEN_STATUSES[0]),
            There::Assign => web.assign(&key, Some("cy")),
            There::Unassign(_) => web.assign(&key, None),
            There::Milestone(which) => {
                let title = MILESTONES.get(usize::from(*which)).copied();
                web.set_version(&key, title.map(|t| if t == "v1.1" { "1.1" } else { t }))
            }
            There::Comment => web.comment(&key, document(&format!("Said there {n}."))),
            There::Delete if n.is_multiple_of(4) => web.delete(&key),
            _ => true,
        };
        assert!(done, "edited");
    }

    /// Gives a card a link, takes one away, or makes one card of two. What is refused is refused.
    pub fn relink(&mut self, engine: &Engine, card: &Card, others: &[&Card], edit: &Here) {
        let name = |at: u8| self.places[usize::from(at) % self.places.len()].name.clone();
        match edit {
            Here::Link(at) => {
                let on = |at: &u8| card.links.iter().any(|l| l.connection == name(*at));
                let Some(at) = (*at..*at + 3).find(|at| !on(at)) else { return };
                let name = name(at);
                if self.process().block_on(engine.add_link(card.id, &name)).is_ok() {
                    self.tally.add("cards linked", 1);
                }
            }
            Here::Unlink(at) => {
                let name = name(*at);
                if let Ok(own) = self.process().block_on(engine.part(card.id, &name)) {
                    self.tally.add("cards unlinked", 1);
                    self.ledger.parted.insert(Node::Card(card.id));
                    if let Some(own) = own {
                        self.ledger.join(Node::Card(card.id), Node::Card(own));
                    }
                }
            }
            Here::Join(at) => {
                let other = others[usize::from(*at) % others.len()].id;
                if self.process().block_on(engine.join(card.id, other)).is_ok() {
                    self.tally.add("cards joined", 1);
                    self.ledger.join(Node::Card(card.id), Node::Card(other));
                    self.ledger.parted.insert(Node::Card(card.id));
                }
            }
            _ => {}
        }
    }
}
