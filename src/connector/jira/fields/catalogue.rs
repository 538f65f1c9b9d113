//! Which fields a Jira has, what each holds, and which one a name means. Pure.

use super::shape::{Field, Schema};
use crate::connector::http::WORDS_MAX;
use crate::connector::{Class, Failure, Holds, Scope};
use crate::support::text::{clip, one_line};

/// System fields beside those every card has that are offered, and whether an edit may set them. Times are set through
/// another field, and the others by Jira itself.
const SYSTEM: [(&str, bool); 11] = [
    ("priority", true),
    ("duedate", true),
    ("components", true),
    ("versions", true),
    ("environment", true),
    ("reporter", true),
    ("parent", false),
    ("timeoriginalestimate", false),
    ("timeestimate", false),
    ("timespent", false),
    ("resolutiondate", false),
];

/// How one thing of a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connector::jira) enum By {
    /// `{"name": ..}`: priorities, components, versions, groups.
    Name,
    /// `{"value": ..}`: options.
    Value,
    /// A person: by account id on Cloud, by user name at Data Center.
    Person,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connector::jira) enum Kind {
    Text,
    /// Several lines: a document on Cloud, text at Data Center.
    Prose,
    Number,
    Date,
    Moment,
    One(By),
    Many(By),
    /// Plain words, such as labels.
    Words,
    /// The sprints it was in.
    Sprint,
    /// Another issue, by key.
    Issue,
    /// An option and one below it, and whatever else has a name.
    Other,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::connector::jira) struct Known {
    pub(in crate::connector::jira) id: String,
    pub(in crate::connector::jira) name: String,
    untranslated: Option<String>,
    pub(in crate::connector::jira) kind: Kind,
    /// Whether an edit may set it at all; whether it may on an issue, its screen tells.
    pub(in crate::connector::jira) writable: bool,
}

impl Known {
    fn new(field: Field, cloud: bool) -> Self {
        let custom = field.id.starts_with("customfield_");
        let kind = kind(&field.id, &field.schema.unwrap_or_default());
        let settable = custom || SYSTEM.iter().any(|(id, settable)| *id == field.id && *settable);
        let taken = match kind {
            Kind::Sprint | Kind::Issue | Kind::Other => false,
            Kind::Prose => !cloud,
            _ => true,
        };
        Self {
            id: field.id,
            name: field.name,
            untranslated: field.untranslated_name,
            kind,
            writable: settable && taken,
        }
    }

    /// Whether people can do something with it: the card's own fields are not further ones, and what nobody can read is
    /// not offered.
    pub(super) fn is_offered(&self) -> bool {
        let system = SYSTEM.iter().any(|(id, _)| *id == self.id);
        system || (self.id.starts_with("customfield_") && self.kind != Kind::Other)
    }

    pub(super) fn holds(&self) -> Holds {
        match self.kind {
            Kind::Text | Kind::Prose | Kind::Sprint | Kind::Issue | Kind::One(By::Person) => Holds::Text,
            Kind::Number => Holds::Number,
            Kind::Date => Holds::Date,
            Kind::Moment => Holds::Time,
            Kind::One(_) => Holds::Option,
            Kind::Many(_) | Kind::Words => Holds::List,
            Kind::Other => Holds::Other,
        }
    }

    fn is_called(&self, name: &str) -> bool {
        let same = |own: &str| own.trim().to_lowercase() == name;
        same(&self.name) || self.untranslated.as_deref().is_some_and(same)
    }

    /// The field in words.
    pub(in crate::connector::jira) fn shown(&self) -> String {
        if self.id.starts_with("customfield_") {
            format!("`{}` ({})", self.name, self.id)
        } else {
            format!("`{}`", self.name)
        }
    }
}

/// What a field's schema says that it holds (`https://developer.atlassian.com/cloud/jira/platform/rest/v3/`, issue
/// fields).
fn kind(id: &str, schema: &Schema) -> Kind {
    let custom = schema.custom.as_deref().unwrap_or_default();
    match custom.rsplit(':').next().unwrap_or_default() {
        "gh-sprint" => return Kind::Sprint,
        "gh-epic-link" => return Kind::Issue,
        "textarea" => return Kind::Prose,
        _ => {}
    }
    match (id, schema.kind.as_str()) {
        ("parent", _) => Kind::Issue,
        ("environment" | "description", _) => Kind::Prose,
        (_, "string") => Kind::Text,
        (_, "number") => Kind::Number,
        (_, "date") => Kind::Date,
        (_, "datetime") => Kind::Moment,
        (_, "option") => Kind::One(By::Value),
        (_, "priority" | "version" | "component" | "group" | "resolution" | "securitylevel") => {
            Kind::One(By::Name)
        }
        (_, "user") => Kind::One(By::Person),
        (_, "array") => match schema.items.as_deref() {
            Some("string") => Kind::Words,
            Some("option") => Kind::Many(By::Value),
            Some("component" | "version" | "group") => Kind::Many(By::Name),
            Some("user") => Kind::Many(By::Person),
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

/// All fields of the site that this project can have.
#[derive(Debug, Default)]
pub(in crate::connector::jira) struct Catalogue {
    pub(super) all: Vec<Known>,
}

impl Catalogue {
    /// The catalogue of the project with this id; fields of other projects alone are left out.
    pub(super) fn new(fields: Vec<Field>, project: Option<&str>, cloud: bool) -> Self {
        let ours = |f: &Field| f.project().is_none_or(|p| project.is_none_or(|own| own == p));
        let mut all: Vec<Known> =
            fields.into_iter().filter(ours).map(|field| Known::new(field, cloud)).collect();
        // Data Center keeps it out of its list, though issues have it.
        if !all.iter().any(|f| f.id == "parent") {
            all.push(Known {
                id: "parent".to_owned(),
                name: "Parent".to_owned(),
                untranslated: None,
                kind: Kind::Issue,
                writable: false,
            });
        }
        Self { all }
    }

    /// The field a name means: by id, or by name in any case.
    ///
    /// # Errors
    /// Several fields have that name.
    pub(super) fn find(&self, name: &str) -> Result<Option<&Known>, Failure> {
        let name = name.trim();
        if let Some(field) = self.all.iter().find(|f| f.id == name) {
            return Ok(Some(field));
        }
        let lower = name.to_lowercase();
        let found: Vec<&Known> = self.all.iter().filter(|f| f.is_called(&lower)).collect();
        match found.as_slice() {
            [] => Ok(self.all.iter().find(|f| f.id.to_lowercase() == lower)),
            [one] => Ok(Some(one)),
            several => {
                let ids: Vec<String> = several.iter().map(|f| format!("`{}`", f.id)).collect();
                let words = format!("several fields of this Jira are called `{name}`: {}", ids.join(", "));
                let words = clip(&one_line(&words), WORDS_MAX);
                let help = "name the one that is meant by its id in the connection's field rule";
                Err(Failure::new(Class::Configuration, Scope::Connection, words).with_help(help))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn catalogue(fields: Value, project: Option<&str>) -> Catalogue {
        Catalogue::new(serde_json::from_value(fields).expect("fields"), project, true)
    }

    fn field(id: &str, name: &str, schema: &Value) -> Value {
        json!({"id": id, "name": name, "schema": schema})
    }

    #[test]
    fn a_field_is_found_by_name_in_any_case_or_by_id_and_never_by_chance() {
        let text = json!({"type": "string"});
        let all = catalogue(
            json!([
                field("customfield_1", "Team", &text),
                field("customfield_2", "team ", &text),
                {"id": "customfield_3", "name": "Punkte", "untranslatedName": "Story Points", "schema": {"type": "number"}},
                field("priority", "Priority", &json!({"type": "priority"})),
            ]),
            None,
        );
        let id = |name: &str| all.find(name).expect("not two").map(|f| f.id.as_str());
        assert_eq!(id("story points"), Some("customfield_3"));
        assert_eq!((id("PUNKTE"), id("priority")), (Some("customfield_3"), Some("priority")));
        assert_eq!((id("customfield_2"), id("Sprint")), (Some("customfield_2"), None));
        assert_eq!(id("Parent"), Some("parent"), "issues have it, whatever the list says");
        let two = all.find("Team").expect_err("two");
        assert!(two.message.contains("`customfield_1`, `customfield_2`") && two.help.is_some(), "{two:?}");
    }

    #[test]
    fn a_field_of_another_project_alone_is_none_of_ours() {
        let of = |id: &str, project: &str| {
            json!({"id": id, "name": "Severity", "schema": {"type": "option"},
                   "scope": {"type": "PROJECT", "project": {"id": project}}})
        };
        let all =
            catalogue(json!([of("customfield_1", "10000"), of("customfield_2", "10001")]), Some("10000"));
        assert_eq!(all.find("severity").expect("one").map(|f| f.id.as_str()), Some("customfield_1"));
    }

    #[test]
    fn what_a_field_holds_is_read_from_its_schema() {
        let at = |name: &str| format!("com.atlassian.jira.plugin.system.customfieldtypes:{name}");
        for (schema, kind, writable) in [
            (json!({"type": "number", "custom": at("float")}), Kind::Number, true),
            (json!({"type": "string", "custom": at("textfield")}), Kind::Text, true),
            (json!({"type": "string", "custom": at("textarea")}), Kind::Prose, false),
            (json!({"type": "option", "custom": at("select")}), Kind::One(By::Value), true),
            (
                json!({"type": "array", "items": "option", "custom": at("multiselect")}),
                Kind::Many(By::Value),
                true,
            ),
            (json!({"type": "array", "items": "string", "custom": at("labels")}), Kind::Words, true),
            (json!({"type": "user", "custom": at("userpicker")}), Kind::One(By::Person), true),
            (json!({"type": "datetime", "custom": at("datetime")}), Kind::Moment, true),
            (json!({"type": "option-with-child", "custom": at("cascadingselect")}), Kind::Other, false),
            (
                json!({"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}),
                Kind::Sprint,
                false,
            ),
            (json!({"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"}), Kind::Issue, false),
            (json!({"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-lexo-rank"}), Kind::Other, false),
        ] {
            let all = catalogue(json!([field("customfield_1", "x", &schema)]), None);
            assert_eq!((all.all[0].kind, all.all[0].writable), (kind, writable), "{schema}");
        }
        let own =
            catalogue(json!([field("labels", "Labels", &json!({"type": "array", "items": "string"}))]), None);
        assert!(!own.all[0].writable && !own.all[0].is_offered(), "a card has labels of its own");
        let spent = catalogue(json!([field("timespent", "Time Spent", &json!({"type": "number"}))]), None);
        assert!(!spent.all[0].writable && spent.all[0].is_offered());
    }
}
