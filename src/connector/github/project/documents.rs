//! The GraphQL documents about a project, whole. They are written for GitHub's public schema; the contract's tests
//! hold each against it where a copy is at hand. None of them writes the options of a field: GitHub takes what is given for the
//! whole list, makes new ids for it and empties every card's Status. Names of fields and values travel as variables.

use std::fmt::Write as _;

use super::further::Given;
use crate::connector::github::graphql::Document;

/// An organisation's project: its Status field with the options, and whether we may write.
pub(super) const ORG_PROJECT: Document<'static> = Document {
    name: "OrgProject",
    text: r#"query OrgProject($login: String!, $number: Int!) {
  owner: organization(login: $login) {
    projectV2(number: $number) {
      id title closed viewerCanUpdate
      field(name: "Status") { ... on ProjectV2SingleSelectField { id options { id name } } }
    }
  }
}"#,
};

/// A user's project, otherwise the same.
pub(super) const USER_PROJECT: Document<'static> = Document {
    name: "UserProject",
    text: r#"query UserProject($login: String!, $number: Int!) {
  owner: user(login: $login) {
    projectV2(number: $number) {
      id title closed viewerCanUpdate
      field(name: "Status") { ... on ProjectV2SingleSelectField { id options { id name } } }
    }
  }
}"#,
};

/// A project's fields with what they hold and the values they take. One point.
pub(super) const FIELDS: Document<'static> = Document {
    name: "ProjectFields",
    text: r"query ProjectFields($project: ID!) {
  node(id: $project) {
    ... on ProjectV2 {
      fields(first: 100) {
        nodes {
          ... on ProjectV2Field { id name dataType }
          ... on ProjectV2SingleSelectField { id name dataType options { id name } }
          ... on ProjectV2IterationField {
            id name dataType
            configuration { iterations { id title } completedIterations { id title } }
          }
        }
      }
    }
  }
}",
};

/// Brings an archived item back: one that is archived takes no values.
pub(super) const UNARCHIVE: Document<'static> = Document {
    name: "Unarchive",
    text: r"mutation Unarchive($project: ID!, $item: ID!) {
  unarchiveProjectV2Item(input: {projectId: $project, itemId: $item}) { item { id } }
}",
};

/// What is asked of a value, whatever its field holds; one of another kind comes as an empty object.
const VALUE: &str = "{ ... on ProjectV2ItemFieldTextValue { text updatedAt } \
    ... on ProjectV2ItemFieldNumberValue { number updatedAt } \
    ... on ProjectV2ItemFieldDateValue { date updatedAt } \
    ... on ProjectV2ItemFieldSingleSelectValue { name updatedAt } \
    ... on ProjectV2ItemFieldIterationValue { title updatedAt } }";

/// What is asked of a field, whatever it holds.
const KIND: &str = "{ ... on ProjectV2Field { id dataType } ... on ProjectV2SingleSelectField { id dataType } \
    ... on ProjectV2IterationField { id dataType } }";

const STATUS: &str = r#"fieldValueByName(name: "Status") {
        ... on ProjectV2ItemFieldSingleSelectValue { optionId name updatedAt }
      }"#;

/// The declarations `, $n0: String!, ..` of so many names.
fn names(count: usize) -> String {
    aliases(count, |out, n| write!(out, ", $n{n}: String!"))
}

/// The fields of those names, as `k0`, ..: whether the project has them, and what they hold.
fn kinds(count: usize) -> String {
    aliases(count, |out, n| write!(out, "\n      k{n}: field(name: $n{n}) {KIND}"))
}

/// An item's values of those fields, as `v0`, ..
fn values(count: usize) -> String {
    aliases(count, |out, n| write!(out, "\n        v{n}: fieldValueByName(name: $n{n}) {VALUE}"))
}

fn aliases(count: usize, one: impl Fn(&mut String, usize) -> std::fmt::Result) -> String {
    let mut out = String::new();
    for n in 0..count {
        // Writing to a text does not fail.
        let _ = one(&mut out, n);
    }
    out
}

/// The documents that read items, each with the values of so many further fields. With none they ask for nothing more
/// than Status.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    page: String,
    places: String,
    add: String,
    moved: String,
}

impl Reading {
    /// For so many further fields.
    pub(super) fn of(count: usize) -> Self {
        Self { page: page(count), places: places(count), add: add(count), moved: moved(count) }
    }

    /// A hundred of a project's items: where each stands and its values, and not a word of what it says. One point.
    pub(super) fn page(&self) -> Document<'_> {
        Document { name: "BoardPage", text: &self.page }
    }

    /// One issue's places in projects.
    pub(super) fn places(&self) -> Document<'_> {
        Document { name: "IssuePlaces", text: &self.places }
    }

    /// Adds an issue to a project; one that is in it already stays as it is, and is the answer.
    pub(super) fn add(&self) -> Document<'_> {
        Document { name: "AddToProject", text: &self.add }
    }

    /// Gives an item another Status, and reads it back.
    pub(super) fn moved(&self) -> Document<'_> {
        Document { name: "MoveItem", text: &self.moved }
    }
}

fn page(count: usize) -> String {
    let (names, kinds, values) = (names(count), kinds(count), values(count));
    format!(
        "query BoardPage($project: ID!, $after: String, $owner: String!, $name: String!{names}) {{
  repository(owner: $owner, name: $name) {{ nameWithOwner }}
  node(id: $project) {{
    ... on ProjectV2 {{{kinds}
      items(first: 100, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{
          id type isArchived updatedAt
          {STATUS}{values}
          content {{ ... on Issue {{ number repository {{ nameWithOwner }} }} }}
        }}
      }}
    }}
  }}
  rateLimit {{ cost remaining resetAt }}
}}"
    )
}

fn places(count: usize) -> String {
    let (names, kinds, values) = (names(count), kinds(count), values(count));
    let (project, node) = if count == 0 {
        ("", String::new())
    } else {
        (
            ", $project: ID!",
            format!("\n  node(id: $project) {{\n    ... on ProjectV2 {{{kinds}\n    }}\n  }}"),
        )
    };
    format!(
        "query IssuePlaces($owner: String!, $name: String!, $number: Int!{project}{names}) {{{node}
  repository(owner: $owner, name: $name) {{
    issue(number: $number) {{
      id
      projectItems(first: 100, includeArchived: true) {{
        nodes {{
          id isArchived
          project {{ id }}
          {STATUS}{values}
        }}
      }}
    }}
  }}
}}"
    )
}

fn add(count: usize) -> String {
    let (names, values) = (names(count), values(count));
    format!(
        "mutation AddToProject($project: ID!, $issue: ID!{names}) {{
  addProjectV2ItemById(input: {{projectId: $project, contentId: $issue}}) {{
    item {{
      id isArchived
      project {{ id }}
      {STATUS}{values}
    }}
  }}
}}"
    )
}

fn moved(count: usize) -> String {
    let (names, values) = (names(count), values(count));
    format!(
        "mutation MoveItem($project: ID!, $item: ID!, $field: ID!, $option: String!{names}) {{
  updateProjectV2ItemFieldValue(
    input: {{projectId: $project, itemId: $item, fieldId: $field, value: {{singleSelectOptionId: $option}}}}
  ) {{
    projectV2Item {{
      id
      {STATUS}{values}
    }}
  }}
}}"
    )
}

/// What a document that writes values is called.
pub(super) const SET_VALUES: &str = "SetValues";

/// The text of a document that writes values, all in one request, as `m0`, .., and reads so many fields back with the
/// last of them. GitHub carries the parts of a mutation out one after the other; one that is refused stops no other.
pub(super) fn set_values(given: &[Given], read: usize) -> String {
    let (mut head, mut body) = (String::new(), String::new());
    for (n, one) in given.iter().enumerate() {
        let _ = write!(head, ", $f{n}: ID!");
        let place = format!("projectId: $project, itemId: $item, fieldId: $f{n}");
        let act = match one.wire() {
            None => format!("clearProjectV2ItemFieldValue(input: {{{place}}})"),
            Some((key, kind, _)) => {
                let _ = write!(head, ", $x{n}: {kind}!");
                format!("updateProjectV2ItemFieldValue(input: {{{place}, value: {{{key}: $x{n}}}}})")
            }
        };
        let back =
            if n + 1 == given.len() { format!("\n      {STATUS}{}", values(read)) } else { String::new() };
        let _ = write!(body, "\n  m{n}: {act} {{\n    projectV2Item {{\n      id{back}\n    }}\n  }}");
    }
    let names = names(read);
    format!("mutation {SET_VALUES}($project: ID!, $item: ID!{head}{names}) {{{body}\n}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<(&'static str, String)> {
        let fixed = [ORG_PROJECT, USER_PROJECT, FIELDS, UNARCHIVE].map(|d| (d.name, d.text.to_owned()));
        let reading = [0, 1, 4].map(Reading::of);
        let read = reading.iter().flat_map(|r| [r.page(), r.places(), r.add(), r.moved()]);
        let given = [Given::Clear, Given::Text("t".into()), Given::Number(1.5), Given::Option("o".into())];
        fixed
            .into_iter()
            .chain(read.map(|d| (d.name, d.text.to_owned())))
            .chain([(SET_VALUES, set_values(&given, 2))])
            .collect()
    }

    #[test]
    fn every_document_is_one_operation_of_its_name_and_none_writes_options_or_positions() {
        for (name, text) in all() {
            let starts = |kind: &str| text.starts_with(&format!("{kind} {name}("));
            assert!(starts("query") != starts("mutation"), "{name}");
            for never in ["updateProjectV2Field(", "singleSelectOptions", "updateProjectV2ItemPosition"] {
                assert!(!text.contains(never), "{name}: {never}");
            }
        }
    }

    #[test]
    fn a_page_of_the_board_asks_for_no_words() {
        for count in [0, 4] {
            let reading = Reading::of(count);
            for word in ["body", "comments", "labels"] {
                assert!(!reading.page().text.contains(word), "{word}");
            }
        }
        // An iteration's name is its `title`; without further fields the word is not there at all.
        assert!(!Reading::of(0).page().text.contains("title"));
    }

    #[test]
    fn without_further_fields_nothing_is_asked_of_them() {
        let reading = Reading::of(0);
        for document in [reading.page(), reading.places(), reading.add(), reading.moved()] {
            for word in ["$n0", "k0", "v0", "field(", "Number"] {
                assert!(!document.text.contains(word), "{}: {word}", document.name);
            }
        }
    }
}
