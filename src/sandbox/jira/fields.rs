//! Further fields: what the site has, what its screens take, how values look, and Jira's refusals. What an issue holds is
//! kept plainly (names, days, numbers, logins); what an answer shows is made of it here.

mod web;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::issue::State;
use super::{Asked, Outcome, World, edit, ok, refuse_field, render};
use crate::sandbox::api::Answer;

/// A field of the site.
#[derive(Debug, Clone)]
pub(super) struct Field {
    id: String,
    name: String,
    holds: Holds,
    /// Whether the screens of new issues and of edits have it.
    screens: (bool, bool),
    /// The project whose own it is.
    project: Option<u64>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Number,
    Text,
    Prose,
    Date,
    Moment,
    Person,
    Priority,
    Components,
    Select(&'static [&'static str]),
    Several(&'static [&'static str]),
    Sprints,
    Parent,
    Seconds,
}

const PRIORITIES: [&str; 5] = ["Highest", "High", "Medium", "Low", "Lowest"];
const COMPONENTS: [&str; 3] = ["api", "docs", "web"];
const SEVERITIES: [&str; 3] = ["Minor", "Major", "Critical"];
const BROWSERS: [&str; 3] = ["Chromium", "Firefox", "Safari"];
/// Id, name, what it holds, and whether new issues and edits take it.
const FIELDS: [(&str, &str, Holds, bool, bool); 18] = [
    ("priority", "Priority", Holds::Priority, true, true),
    ("duedate", "Due date", Holds::Date, true, true),
    ("components", "Components", Holds::Components, true, true),
    ("parent", "Parent", Holds::Parent, false, false),
    ("timeoriginalestimate", "Original estimate", Holds::Seconds, false, false),
    ("timespent", "Time Spent", Holds::Seconds, false, false),
    ("customfield_10016", "Story Points", Holds::Number, true, true),
    ("customfield_10020", "Sprint", Holds::Sprints, false, true),
    ("customfield_10030", "Severity", Holds::Select(&SEVERITIES), true, true),
    ("customfield_10032", "Customer", Holds::Text, true, true),
    ("customfield_10033", "Browsers", Holds::Several(&BROWSERS), true, true),
    ("customfield_10034", "Steps", Holds::Prose, true, true),
    ("customfield_10035", "Goes live", Holds::Moment, true, true),
    ("customfield_10036", "Reviewer", Holds::Person, true, true),
    // Only found out later, so the screen of a new issue has it not.
    ("customfield_10037", "Root cause", Holds::Text, false, true),
    ("customfield_10040", "Verified by", Holds::Text, false, false),
    ("customfield_10050", "Team", Holds::Text, true, true),
    ("customfield_10051", "Team", Holds::Text, true, true),
];

impl Field {
    /// What the site starts with. Another project has a field of its own that is called as one of ours.
    fn all() -> Vec<Self> {
        let one = |(id, name, holds, new, edits): &(&str, &str, Holds, bool, bool)| Self {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            holds: *holds,
            screens: (*new, *edits),
            project: None,
        };
        let others = Self {
            project: Some(10_001),
            screens: (false, false),
            ..one(&("customfield_10031", "Severity", Holds::Text, false, false))
        };
        FIELDS.iter().map(one).chain([others]).collect()
    }

    fn schema(&self, server: bool) -> Value {
        let own = |name: &str| format!("com.atlassian.jira.plugin.system.customfieldtypes:{name}");
        let (kind, items, custom) = match self.holds {
            Holds::Number => ("number", None, own("float")),
            Holds::Seconds => ("number", None, String::new()),
            Holds::Text => ("string", None, own("textfield")),
            Holds::Prose => ("string", None, own("textarea")),
            Holds::Date => ("date", None, own("datepicker")),
            Holds::Moment => ("datetime", None, own("datetime")),
            Holds::Person => ("user", None, own("userpicker")),
            Holds::Priority => ("priority", None, String::new()),
            Holds::Components => ("array", Some("component"), String::new()),
            Holds::Select(_) => ("option", None, own("select")),
            Holds::Several(_) => ("array", Some("option"), own("multiselect")),
            Holds::Parent => ("issuelink", None, String::new()),
            Holds::Sprints => {
                let items = if server { "string" } else { "json" };
                ("array", Some(items), "com.pyxis.greenhopper.jira:gh-sprint".to_owned())
            }
        };
        let mut schema = json!({"type": kind});
        if let Some(items) = items {
            schema["items"] = json!(items);
        }
        match self.id.strip_prefix("customfield_").and_then(|n| n.parse::<u64>().ok()) {
            Some(number) => {
                schema["custom"] = json!(custom);
                schema["customId"] = json!(number);
            }
            None => schema["system"] = json!(self.id),
        }
        schema
    }

    /// The values it takes, as Jira shows them.
    fn allowed(&self, root: &str) -> Option<Vec<Value>> {
        let (names, from): (&[&str], usize) = match self.holds {
            Holds::Priority => (&PRIORITIES, 1),
            Holds::Components => (&COMPONENTS, 10_200),
            Holds::Select(names) | Holds::Several(names) => (names, 10_300),
            _ => return None,
        };
        let one = |(at, name): (usize, &&str)| {
            let id = (from + at).to_string();
            match self.holds {
                Holds::Priority => {
                    json!({"self": format!("{root}/rest/api/3/priority/{id}"), "id": id, "name": name})
                }
                Holds::Components => {
                    json!({"self": format!("{root}/rest/api/3/component/{id}"), "id": id, "name": name})
                }
                _ => {
                    json!({"self": format!("{root}/rest/api/3/customFieldOption/{id}"), "id": id, "value": name})
                }
            }
        };
        Some(names.iter().enumerate().map(one).collect())
    }

    /// The field on a screen.
    fn on_screen(&self, asked: &Asked<'_>) -> Value {
        let many = matches!(self.holds, Holds::Components | Holds::Several(_));
        let mut shown = json!({
            "required": false, "schema": self.schema(asked.server), "name": self.name, "key": self.id,
            "hasDefaultValue": self.holds == Holds::Priority,
            "operations": if many { &["add", "set", "remove"][..] } else { &["set"][..] },
        });
        if let Some(allowed) = self.allowed(&asked.root) {
            shown["allowedValues"] = json!(allowed);
        }
        shown
    }

    /// The name of the value that a request gives by id or by name.
    fn chosen(&self, asked: &Asked<'_>, given: &Value) -> Result<String, Answer> {
        let all = self.allowed(&asked.root).unwrap_or_default();
        let word = if matches!(self.holds, Holds::Select(_) | Holds::Several(_)) { "value" } else { "name" };
        let by = |key: &str| given.get(key).and_then(Value::as_str);
        let found = all.iter().find(|one| {
            by("id").map_or_else(|| by(word).is_some() && one[word] == given[word], |id| one["id"] == id)
        });
        let found = found.and_then(|one| one[word].as_str());
        found.map(str::to_owned).ok_or_else(|| {
            let what = by("id").or(by(word)).unwrap_or_default();
            let words = match self.holds {
                Holds::Priority => "The priority selected is invalid.".to_owned(),
                Holds::Components => format!("Component name '{what}' is not valid"),
                _ if by("id").is_some() => format!("Option id '{what}' is not valid"),
                _ => format!("Option value '{what}' is not valid"),
            };
            refuse_field(&self.id, &words)
        })
    }

    /// A value as a request gives it, kept plainly.
    fn kept(&self, asked: &Asked<'_>, given: &Value) -> Result<Value, Answer> {
        let no = |words: &str| Err(refuse_field(&self.id, words));
        if given.is_null() && self.holds != Holds::Priority {
            return Ok(Value::Null);
        }
        match self.holds {
            Holds::Number if given.is_number() => Ok(given.clone()),
            Holds::Number => no("Operation value must be a number"),
            Holds::Text => match given.as_str() {
                Some(text) if text.chars().count() > 255 => {
                    no("The entered text is too long. It exceeds the allowed limit of 255 characters.")
                }
                Some("") => Ok(Value::Null),
                Some(_) => Ok(given.clone()),
                None => no("Operation value must be a string"),
            },
            Holds::Prose => edit::description(asked, given),
            Holds::Date => match given.as_str().map(str::parse::<chrono::NaiveDate>) {
                Some(Ok(day)) => Ok(json!(day)),
                _ => no("Error parsing date string: a date is written as yyyy-MM-dd"),
            },
            Holds::Moment => {
                let read = |text: &str| chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
                match given.as_str().map(read) {
                    Some(Ok(at)) => Ok(json!(at.timestamp_millis())),
                    _ => no("Error parsing time: it is written as yyyy-MM-dd'T'HH:mm:ss.SSSZ"),
                }
            }
            Holds::Person => edit::person(asked, given).map(|login| json!(login)),
            Holds::Priority | Holds::Select(_) => self.chosen(asked, given).map(Value::String),
            Holds::Components | Holds::Several(_) => {
                let Some(all) = given.as_array() else { return no("data was not an array") };
                let names = all.iter().map(|one| self.chosen(asked, one)).collect::<Result<Vec<_>, _>>()?;
                Ok(if names.is_empty() { Value::Null } else { json!(names) })
            }
            Holds::Sprints => no("Number value expected as the Sprint id."),
            Holds::Parent | Holds::Seconds => no("Field cannot be set."),
        }
    }

    /// What an issue shows of it.
    fn shown(&self, asked: &Asked<'_>, plain: &Value) -> Value {
        let named = |name: &Value| {
            let all = self.allowed(&asked.root).unwrap_or_default();
            let same = |one: &Value| one.get("value").or_else(|| one.get("name")) == Some(name);
            all.into_iter().find(same).unwrap_or_default()
        };
        match (self.holds, plain) {
            (Holds::Priority, Value::Null) => named(&json!("Medium")),
            (Holds::Components | Holds::Several(_), plain) => {
                plain.as_array().into_iter().flatten().map(named).collect()
            }
            (_, Value::Null) => Value::Null,
            (Holds::Priority | Holds::Select(_), plain) => named(plain),
            (Holds::Number, plain) => json!(plain.as_f64()),
            (Holds::Moment, plain) => json!(render::time(plain.as_i64().unwrap_or_default())),
            (Holds::Person, plain) => render::user(asked, plain.as_str().unwrap_or_default()),
            (Holds::Parent, plain) => json!({"id": "1", "key": plain, "fields": {"summary": "the parent"}}),
            (Holds::Sprints, plain) => {
                plain.as_array().into_iter().flatten().map(|s| sprint(asked, s)).collect()
            }
            (_, plain) => plain.clone(),
        }
    }
}

/// Cloud shows sprints as objects, Data Center as a text of its own.
fn sprint(asked: &Asked<'_>, plain: &Value) -> Value {
    let (name, state) = (plain[0].as_str().unwrap_or_default(), plain[1].as_str().unwrap_or_default());
    if !asked.server {
        return json!({"id": 1, "name": name, "state": state, "boardId": 1, "goal": ""});
    }
    json!(format!(
        "com.atlassian.greenhopper.service.sprint.Sprint@1bf75fd[id=1,rapidViewId=1,state={},name={name},\
         startDate=<null>,endDate=<null>,completeDate=<null>,activatedDate=<null>,sequence=1,goal=]",
        state.to_uppercase()
    ))
}

impl World {
    /// The fields there are.
    pub(super) fn known_fields(&mut self) -> Arc<Vec<Field>> {
        if self.fields.is_empty() {
            self.fields = Arc::new(Field::all());
        }
        Arc::clone(&self.fields)
    }
}

/// `GET field`: those of every card too, and those of other projects.
pub(super) fn list(asked: &Asked<'_>) -> Value {
    let entry = |id: &str, name: &str, schema: &Value| {
        json!({
            "id": id, "name": name, "custom": id.starts_with("customfield_"), "orderable": true, "navigable": true,
            "searchable": true, "clauseNames": [id], "schema": schema,
        })
    };
    let cards = [
        ("summary", "Summary", json!({"type": "string", "system": "summary"})),
        ("status", "Status", json!({"type": "status", "system": "status"})),
        ("labels", "Labels", json!({"type": "array", "items": "string", "system": "labels"})),
        ("assignee", "Assignee", json!({"type": "user", "system": "assignee"})),
        ("reporter", "Reporter", json!({"type": "user", "system": "reporter"})),
    ];
    let cards = cards.iter().map(|(id, name, schema)| entry(id, name, schema));
    // Data Center keeps the parent out of its list, though issues have it.
    let told = asked.fields.iter().filter(|f| !(asked.server && f.holds == Holds::Parent));
    let further = told.map(|field| {
        let mut shown = entry(&field.id, &field.name, &field.schema(asked.server));
        if field.holds == Holds::Parent
            && let Some(map) = shown.as_object_mut()
        {
            map.remove("schema");
        }
        if let Some(project) = field.project {
            shown["scope"] = json!({"type": "PROJECT", "project": {"id": project.to_string()}});
        }
        shown
    });
    let mut all: Vec<Value> = cards.chain(further).collect();
    if !asked.server {
        all.iter_mut().for_each(|field| field["key"] = field["id"].clone());
    }
    Value::Array(all)
}

/// The screen of a new issue, in pages: Cloud says `fields`, Data Center `values`.
pub(super) fn create_screen(asked: &Asked<'_>, kind: &str) -> Outcome {
    if !matches!(kind, "10000" | "10001" | "10002" | "10003") {
        return Err(super::refuse(
            404,
            "The issue type does not exist or you do not have permission to view it.",
        ));
    }
    let number = |name: &str, or: usize| asked.call.param(name).and_then(|n| n.parse().ok()).unwrap_or(or);
    let all: Vec<&Field> = asked.fields.iter().filter(|f| f.screens.0).collect();
    // Small pages, so that somebody who reads only the first is found out.
    let (start, most) = (number("startAt", 0), number("maxResults", 50).min(5));
    let page = all.iter().skip(start).take(most).map(|field| {
        let mut shown = field.on_screen(asked);
        shown["fieldId"] = json!(field.id);
        if asked.server
            && let Some(map) = shown.as_object_mut()
        {
            map.remove("key");
        }
        shown
    });
    let page: Vec<Value> = page.collect();
    let mut answer = json!({"startAt": start, "maxResults": most, "total": all.len()});
    if asked.server {
        answer["isLast"] = json!(start + page.len() >= all.len());
        answer["values"] = json!(page);
    } else {
        answer["fields"] = json!(page);
    }
    Ok(ok(answer))
}

/// `GET issue/{id}/editmeta`.
pub(super) fn edit_screen(asked: &Asked<'_>) -> Value {
    let all = asked.fields.iter().filter(|f| f.screens.1);
    let all: Map<String, Value> = all.map(|f| (f.id.clone(), f.on_screen(asked))).collect();
    json!({"fields": all})
}

fn on_screen<'f>(asked: &'f Asked<'_>, id: &str, new: bool) -> Result<&'f Field, Answer> {
    let on = |f: &&Field| f.id == id && if new { f.screens.0 } else { f.screens.1 };
    asked.fields.iter().find(on).ok_or_else(|| {
        let words = format!("Field '{id}' cannot be set. It is not on the appropriate screen, or unknown.");
        refuse_field(id, &words)
    })
}

/// Sets a whole field.
pub(super) fn set(
    asked: &Asked<'_>,
    state: &mut State,
    id: &str,
    value: &Value,
    new: bool,
) -> Result<(), Answer> {
    let kept = on_screen(asked, id, new)?.kept(asked, value)?;
    keep(state, id, kept);
    Ok(())
}

fn keep(state: &mut State, id: &str, plain: Value) {
    if plain.is_null() {
        state.further.remove(id);
    } else {
        state.further.insert(id.to_owned(), plain);
    }
}

/// Adds to a list or takes from it.
pub(super) fn step(asked: &Asked<'_>, state: &mut State, id: &str, step: &Value) -> Result<(), Answer> {
    let field = on_screen(asked, id, false)?;
    let many = matches!(field.holds, Holds::Components | Holds::Several(_));
    let held = state.further.get(id).and_then(Value::as_array).cloned().unwrap_or_default();
    let held = match (step.get("add"), step.get("remove")) {
        (Some(given), _) if many => {
            let name = json!(field.chosen(asked, given)?);
            let rest = held.into_iter().filter(|one| *one != name);
            rest.chain([name.clone()]).collect::<Vec<Value>>()
        }
        (_, Some(given)) if many => {
            let name = json!(field.chosen(asked, given)?);
            held.into_iter().filter(|one| *one != name).collect()
        }
        _ => return Err(refuse_field(id, "The operation is not supported for this field.")),
    };
    keep(state, id, if held.is_empty() { Value::Null } else { json!(held) });
    Ok(())
}

/// Puts on an issue what it shows of the fields that are asked for. One without a parent says nothing of it, and a field
/// of another project is none of its.
pub(super) fn show(asked: &Asked<'_>, state: &State, out: &mut Value) {
    let named = asked.call.param("fields");
    let wanted = |id: &str| named.is_none_or(|all| all.split(',').any(|f| f == id));
    for field in asked.fields.iter().filter(|f| f.project.is_none() && wanted(&f.id)) {
        let plain = state.further.get(&field.id).unwrap_or(&Value::Null);
        let plain = match &state.verified_by {
            Some(name) if field.name == "Verified by" => &json!(name),
            _ => plain,
        };
        if field.holds != Holds::Parent || !plain.is_null() {
            out[field.id.as_str()] = field.shown(asked, plain);
        }
    }
}
