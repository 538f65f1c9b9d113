//! Writes an item's further fields, all of a patch in one request, and reads them back from its answer.
//!
//! GitHub carries the parts out one after the other and refuses each on its own. What was refused because an id is not
//! the field's any more (somebody edited its options, or made the field anew) is looked up again by name and written
//! once more; what is refused for good says which fields it concerns and which were set before.

use serde_json::json;

use super::further::{Asked, Given, Planned};
use super::place::{Target, unanswered};
use super::{Project, Stand, documents, wire};
use crate::connector::github::graphql::{Document, Error, Partial};
use crate::connector::github::{About, GithubConnector};
use crate::connector::http::Priority;
use crate::connector::{Class, Failure, Outcome, Scope};

/// What became of one request.
struct Sent {
    text: String,
    answer: Partial<wire::Written>,
    /// Parts that were refused, by index, each with GitHub's error when it gave one.
    refused: Vec<(usize, Option<Error>)>,
}

impl GithubConnector {
    /// Gives an item these values, and tells how it stands after it.
    ///
    /// # Errors
    /// A value was refused: nothing was applied when it was the only one, else the outcome is unknown. So it is when
    /// GitHub took a value and does not hold it.
    pub(super) async fn set_values(
        &self,
        project: &Project,
        target: &Target<'_>,
        planned: Vec<Planned>,
    ) -> Result<Stand, Failure> {
        let first = self.send(target, &planned, &planned).await?;
        if first.refused.is_empty() {
            return self.confirmed(target, first, &planned);
        }
        let mut applied = first.refused.len() < planned.len();
        let unsure =
            |applied: bool| move |f: Failure| if applied { f.with_outcome(Outcome::Unknown) } else { f };
        if !first.refused.iter().all(|(_, e)| e.as_ref().is_some_and(is_stale)) {
            return Err(self.not_set(&first, &planned)).map_err(unsure(applied));
        }
        self.fresh_fields(project).await.map_err(unsure(applied))?;
        let left = first.refused.iter().filter_map(|(n, _)| planned.get(*n));
        let values = left.map(|p| (p.rule.clone(), p.value.clone())).collect();
        let again = self.planned(project, &values).await.map_err(unsure(applied))?;
        let second = self.send(target, &again, &planned).await.map_err(unsure(applied))?;
        applied |= second.refused.len() < again.len();
        if second.refused.is_empty() {
            return self.confirmed(target, second, &planned);
        }
        Err(self.not_set(&second, &again)).map_err(unsure(applied))
    }

    /// Sends one request with all of `values`, which reads all of `back`.
    async fn send(&self, target: &Target<'_>, values: &[Planned], back: &[Planned]) -> Result<Sent, Failure> {
        let given: Vec<Given> = values.iter().map(|p| p.given.clone()).collect();
        let read = to_read(target, back);
        let text = documents::set_values(&given, read.names.len());
        let mut variables = json!({"project": target.meta.id, "item": target.item});
        for (n, one) in values.iter().enumerate() {
            variables[format!("f{n}")] = json!(one.field.id);
            if let Some((_, _, value)) = one.given.wire() {
                variables[format!("x{n}")] = value;
            }
        }
        read.put_in(&mut variables);
        let document = Document { name: documents::SET_VALUES, text: &text };
        let answer = self
            .api
            .graphql_partial::<wire::Written>(Priority::Interactive, document, variables, About::Item)
            .await?;
        let parts = |n: usize| answer.data.get(&format!("m{n}")).is_some_and(Option::is_some);
        let refused: Vec<(usize, Option<Error>)> = (0..values.len())
            .filter(|n| !parts(*n))
            .map(|n| (n, answer.errors.iter().find(|e| e.key(0) == Some(&format!("m{n}"))).cloned()))
            .collect();
        Ok(Sent { text, answer, refused })
    }

    /// How the item stands by the last part of an answer, once every value is seen to be there.
    fn confirmed(&self, target: &Target<'_>, sent: Sent, planned: &[Planned]) -> Result<Stand, Failure> {
        let last = sent.answer.data.into_values().filter_map(|part| part?.item).find(has_values);
        let item = last.ok_or_else(|| unanswered("the change of the project's fields"))?;
        let read = to_read(target, planned);
        let (there, _) = read.values(&vec![true; read.names.len()], &item.rest);
        let lost: Vec<String> = planned
            .iter()
            .filter(|p| !there.get(&p.rule).is_some_and(|v| p.field.holds(v, &p.value)))
            .map(|p| format!("`{}`", p.field.name))
            .collect();
        if lost.is_empty() {
            return Ok(target.stand(&item));
        }
        let words = format!("GitHub took the change but dropped the project's {}", lost.join(", "));
        Err(Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&words))
            .with_outcome(Outcome::Unknown)
            .with_help(
                "somebody else may have changed it at the same moment, or a workflow of the project did",
            ))
    }

    /// The failure for parts that were refused, which names them and what was set all the same.
    fn not_set(&self, sent: &Sent, planned: &[Planned]) -> Failure {
        let is_refused = |n: &usize| sent.refused.iter().any(|(refused, _)| refused == n);
        let names = |refused: bool| {
            let of_it =
                (0..planned.len()).filter(|n| is_refused(n) == refused).filter_map(|n| planned.get(n));
            of_it.map(|p| format!("`{}`", p.field.name)).collect::<Vec<_>>().join(", ")
        };
        let errors: Vec<Error> = sent.refused.iter().filter_map(|(_, e)| e.clone()).collect();
        let document = Document { name: documents::SET_VALUES, text: &sent.text };
        let mut failure = if errors.is_empty() {
            unanswered("the change of the project's fields")
        } else {
            self.api.refused_by_graphql(&errors, &sent.answer.reply, document, About::Item)
        };
        let set = Some(names(false)).filter(|names| !names.is_empty());
        let set = set.map(|names| format!("; {names} was set")).unwrap_or_default();
        let words = format!("the project's {} was not set{set}. {}", names(true), failure.message);
        failure.message = self.api.port().words(&words);
        failure
    }
}

/// What is read back: what is asked for anyway, and what was written besides.
fn to_read(target: &Target<'_>, planned: &[Planned]) -> Asked {
    let mut names = target.asked.names.clone();
    for one in planned {
        match names.iter().position(|(rule, _)| *rule == one.rule) {
            // It was not there under that name.
            Some(n) if target.known.get(n) != Some(&true) => names[n].1.clone_from(&one.field.name),
            Some(_) => {}
            None => names.push((one.rule.clone(), one.field.name.clone())),
        }
    }
    Asked { names }
}

/// Whether it is an id that is not what it was.
fn is_stale(error: &Error) -> bool {
    let text = error.message.to_lowercase();
    error.is("NOT_FOUND")
        || text.contains("does not belong to the field")
        || text.contains("to update a field of type")
}

/// Whether the part of an answer is the one that reads back.
fn has_values(item: &wire::Standing) -> bool {
    item.rest.keys().any(|key| key.starts_with('v'))
}
