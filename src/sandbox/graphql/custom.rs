//! A project's fields beside Status: what they hold, the values they take, and GitHub's words for those they do not.

use serde_json::{Value, json};

use super::Refusal;
use super::fields::{Node, time};
use super::world::{Item, Project, Projects};
use crate::support::clock::Timestamp;

/// A field.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) holds: Holds,
}

/// What a field holds.
#[derive(Debug, Clone)]
pub(super) enum Holds {
    Text,
    Number,
    Date,
    /// Options by id and name.
    Single(Vec<(String, String)>),
    /// Iterations by id and title: current and upcoming ones, and those that are over.
    Iteration(Vec<(String, String)>, Vec<(String, String)>),
    /// What GitHub makes of something else, by its data type.
    BuiltIn(&'static str),
}

/// A value that an item has.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// A text, a number, a day, or the id of an option or an iteration.
    pub(super) value: Value,
    /// When it was set, in seconds.
    pub(super) at: i64,
}

/// GitHub's words for a value of another kind than the field's.
pub(super) fn wrong_type(wanted: &str, kind: &str) -> Refusal {
    let article = if wanted.starts_with('i') { "an" } else { "a" };
    Refusal::new("VALIDATION", format!("Did not receive {article} {wanted} to update a field of type {kind}"))
}

/// GitHub's words for the id of something that the field has not.
pub(super) fn foreign(what: &str) -> Refusal {
    Refusal::new("VALIDATION", format!("The {what} Id does not belong to the field"))
}

impl Holds {
    /// Single select with these options.
    pub(super) fn single(names: &[&str], projects: &mut Projects) -> Self {
        Self::Single(named(names, projects))
    }

    /// Iterations with these titles.
    pub(super) fn iteration(now: &[&str], over: &[&str], projects: &mut Projects) -> Self {
        Self::Iteration(named(now, projects), named(over, projects))
    }

    /// How ids of such fields begin.
    pub(super) fn prefix(&self) -> &'static str {
        match self {
            Self::Single(_) => "PVTSSF",
            Self::Iteration(..) => "PVTIF",
            _ => "PVTF",
        }
    }

    fn data_type(&self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Date => "DATE",
            Self::Single(_) => "SINGLE_SELECT",
            Self::Iteration(..) => "ITERATION",
            Self::BuiltIn(kind) => kind,
        }
    }

    /// Everything it can be, by id and name, where that is a list.
    pub(super) fn choices(&self) -> Vec<(String, String)> {
        match self {
            Self::Single(all) => all.clone(),
            Self::Iteration(now, over) => now.iter().chain(over).cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub(super) fn choices_mut(&mut self) -> Vec<&mut (String, String)> {
        match self {
            Self::Single(all) => all.iter_mut().collect(),
            Self::Iteration(now, over) => now.iter_mut().chain(over).collect(),
            _ => Vec::new(),
        }
    }
}

fn named(names: &[&str], projects: &mut Projects) -> Vec<(String, String)> {
    names.iter().map(|name| (projects.option_id(), (*name).to_owned())).collect()
}

impl Field {
    /// What a mutation's `value` gives it; nothing clears it.
    pub(super) fn taken(&self, value: Option<&Value>) -> Result<Option<Value>, Refusal> {
        let kind = self.holds.data_type().to_lowercase();
        if let Holds::BuiltIn(_) = self.holds {
            let words = format!("The field of type {kind} is currently not supported.");
            return Err(Refusal::new("VALIDATION", words));
        }
        let Some(value) = value else { return Ok(None) };
        let (key, words) = match self.holds {
            Holds::Number => ("number", "number value"),
            Holds::Date => ("date", "date value"),
            Holds::Single(_) => ("singleSelectOptionId", "single select option Id"),
            Holds::Iteration(..) => ("iterationId", "iteration Id"),
            Holds::Text | Holds::BuiltIn(_) => ("text", "text value"),
        };
        let given = value.get(key).filter(|v| !v.is_null()).ok_or_else(|| wrong_type(words, &kind))?;
        let choices = self.holds.choices();
        let known = |id: &str| choices.iter().any(|(known, _)| known == id);
        match self.holds {
            Holds::Single(_) if !given.as_str().is_some_and(known) => Err(foreign("single select option")),
            Holds::Iteration(..) if !given.as_str().is_some_and(known) => Err(foreign("iteration")),
            // An empty text is none.
            Holds::Text => Ok(given.as_str().filter(|t| !t.is_empty()).map(|t| json!(t))),
            _ => Ok(Some(given.clone())),
        }
    }

    /// The field as GraphQL shows it.
    fn node(&self) -> Node {
        let (id, name, data_type) = (&self.id, &self.name, self.holds.data_type());
        let list = |all: &[(String, String)], word: &str| {
            all.iter().map(|(id, name)| json!({"id": id, word: name})).collect::<Vec<_>>()
        };
        match &self.holds {
            Holds::Single(all) => single(id, name, &list(all, "name")),
            Holds::Iteration(now, over) => {
                let lists =
                    json!({"iterations": list(now, "title"), "completedIterations": list(over, "title")});
                let field = json!({"id": id, "name": name, "dataType": data_type, "configuration": lists});
                Node::Plain("ProjectV2IterationField", field)
            }
            _ => Node::Plain("ProjectV2Field", json!({"id": id, "name": name, "dataType": data_type})),
        }
    }
}

fn single(id: &str, name: &str, options: &[Value]) -> Node {
    let field = json!({"id": id, "name": name, "dataType": "SINGLE_SELECT", "options": options});
    Node::Plain("ProjectV2SingleSelectField", field)
}

impl Project {
    fn status_field(&self) -> Node {
        let options: Vec<Value> =
            self.options.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
        single(&self.field, "Status", &options)
    }

    /// Every field, Status behind what the issue has of its own.
    pub(super) fn all_fields(&self) -> Vec<Node> {
        let mut all: Vec<Node> = self.fields.iter().map(Field::node).collect();
        all.insert(all.len().min(2), self.status_field());
        all
    }

    /// The field of this very name.
    pub(super) fn field_named(&self, name: Option<&str>) -> Option<Node> {
        if name == Some("Status") {
            return Some(self.status_field());
        }
        self.fields.iter().find(|f| Some(f.name.as_str()) == name).map(Field::node)
    }

    /// An item's value of a field as GraphQL shows it.
    pub(super) fn value_of(&self, item: &Item, name: &str) -> Option<Node> {
        if name == "Status" {
            let id = item.status.as_deref()?;
            let value =
                json!({"optionId": id, "name": self.option_name(id)?, "updatedAt": time(item.status_at)});
            return Some(Node::Plain("ProjectV2ItemFieldSingleSelectValue", value));
        }
        let field = self.fields.iter().find(|f| f.name == name)?;
        if let Holds::BuiltIn(kind) = field.holds {
            // Every item has a repository; of the others nothing is held here.
            return (kind == "REPOSITORY")
                .then(|| Node::Plain("ProjectV2ItemFieldRepositoryValue", json!({})));
        }
        let held = item.values.get(&field.id)?;
        let (value, at) = (&held.value, time(held.at));
        let choices = field.holds.choices();
        let named =
            || choices.iter().find(|(id, _)| Some(id.as_str()) == value.as_str()).map(|(_, name)| name);
        Some(match field.holds {
            Holds::Number => {
                Node::Plain("ProjectV2ItemFieldNumberValue", json!({"number": value, "updatedAt": at}))
            }
            Holds::Date => {
                Node::Plain("ProjectV2ItemFieldDateValue", json!({"date": value, "updatedAt": at}))
            }
            Holds::Single(_) => Node::Plain(
                "ProjectV2ItemFieldSingleSelectValue",
                json!({"optionId": value, "name": named()?, "updatedAt": at}),
            ),
            Holds::Iteration(..) => Node::Plain(
                "ProjectV2ItemFieldIterationValue",
                json!({"iterationId": value, "title": named()?, "updatedAt": at}),
            ),
            Holds::Text | Holds::BuiltIn(_) => {
                Node::Plain("ProjectV2ItemFieldTextValue", json!({"text": value, "updatedAt": at}))
            }
        })
    }
}

impl Item {
    /// Gives it a field's value, or none.
    pub(super) fn hold(&mut self, field: &str, value: Option<Value>, now: Timestamp) {
        self.updated = now.0.div_euclid(1000);
        match value {
            Some(value) => self.values.insert(field.to_owned(), Held { value, at: self.updated }),
            None => self.values.remove(field),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_kind_is_refused_in_githubs_words() {
        let choices = || vec![("47fc9ee4".to_owned(), "High".to_owned())];
        let table = [
            (
                Holds::Text,
                json!({"number": 1}),
                "Did not receive a text value to update a field of type text",
            ),
            (
                Holds::Number,
                json!({"text": "1"}),
                "Did not receive a number value to update a field of type number",
            ),
            (
                Holds::Date,
                json!({"text": "1"}),
                "Did not receive a date value to update a field of type date",
            ),
            (
                Holds::Single(choices()),
                json!({"text": "High"}),
                "Did not receive a single select option Id to update a field of type single_select",
            ),
            (
                Holds::Single(choices()),
                json!({"singleSelectOptionId": "47FC9EE4"}),
                "The single select option Id does not belong to the field",
            ),
            (
                Holds::Iteration(choices(), Vec::new()),
                json!({"iterationId": "x"}),
                "The iteration Id does not belong to the field",
            ),
            (
                Holds::BuiltIn("LABELS"),
                json!({"text": "x"}),
                "The field of type labels is currently not supported.",
            ),
        ];
        for (holds, value, words) in table {
            let field = Field { id: "PVTF_1".into(), name: "F".into(), holds };
            let refusal = field.taken(Some(&value)).expect_err(words);
            assert_eq!((refusal.kind, refusal.message.as_str()), (Some("VALIDATION"), words));
        }
        let field = Field { id: "PVTSSF_1".into(), name: "F".into(), holds: Holds::Single(choices()) };
        let taken = field.taken(Some(&json!({"singleSelectOptionId": "47fc9ee4"}))).expect("an option");
        assert_eq!((taken, field.taken(None).expect("cleared")), (Some(json!("47fc9ee4")), None));
    }
}
