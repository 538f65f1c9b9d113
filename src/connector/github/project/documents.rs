//! The GraphQL documents about a project, whole. They are written for GitHub's public schema; the contract's tests
//! hold each against it where a copy is at hand. None of them writes the options of a field: GitHub takes what is given for the
//! whole list, makes new ids for it and empties every card's Status.

use crate::connector::github::graphql::Document;

/// An organisation's project: its Status field with the options, and whether we may write.
pub(super) const ORG_PROJECT: Document = Document {
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
pub(super) const USER_PROJECT: Document = Document {
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

/// A hundred of a project's items: where each stands, and not a word of what it says. One point.
pub(super) const BOARD_PAGE: Document = Document {
    name: "BoardPage",
    text: r#"query BoardPage($project: ID!, $after: String, $owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { nameWithOwner }
  node(id: $project) {
    ... on ProjectV2 {
      items(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id type isArchived updatedAt
          fieldValueByName(name: "Status") {
            ... on ProjectV2ItemFieldSingleSelectValue { optionId name updatedAt }
          }
          content { ... on Issue { number repository { nameWithOwner } } }
        }
      }
    }
  }
  rateLimit { cost remaining resetAt }
}"#,
};

/// One issue's places in projects.
pub(super) const ISSUE_PLACES: Document = Document {
    name: "IssuePlaces",
    text: r#"query IssuePlaces($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      id
      projectItems(first: 100, includeArchived: true) {
        nodes {
          id isArchived
          project { id }
          fieldValueByName(name: "Status") {
            ... on ProjectV2ItemFieldSingleSelectValue { optionId name updatedAt }
          }
        }
      }
    }
  }
}"#,
};

/// Adds an issue to a project; one that is in it already stays as it is, and is the answer.
pub(super) const ADD: Document = Document {
    name: "AddToProject",
    text: r#"mutation AddToProject($project: ID!, $issue: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $issue}) {
    item {
      id isArchived
      project { id }
      fieldValueByName(name: "Status") {
        ... on ProjectV2ItemFieldSingleSelectValue { optionId name updatedAt }
      }
    }
  }
}"#,
};

/// Brings an archived item back: one that is archived takes no values.
pub(super) const UNARCHIVE: Document = Document {
    name: "Unarchive",
    text: r"mutation Unarchive($project: ID!, $item: ID!) {
  unarchiveProjectV2Item(input: {projectId: $project, itemId: $item}) { item { id } }
}",
};

/// Gives an item another Status, and reads it back.
pub(super) const MOVE: Document = Document {
    name: "MoveItem",
    text: r#"mutation MoveItem($project: ID!, $item: ID!, $field: ID!, $option: String!) {
  updateProjectV2ItemFieldValue(
    input: {projectId: $project, itemId: $item, fieldId: $field, value: {singleSelectOptionId: $option}}
  ) {
    projectV2Item {
      id
      fieldValueByName(name: "Status") {
        ... on ProjectV2ItemFieldSingleSelectValue { optionId name updatedAt }
      }
    }
  }
}"#,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_one_operation_of_its_name_and_none_writes_options() {
        for one in [ORG_PROJECT, USER_PROJECT, BOARD_PAGE, ISSUE_PLACES, ADD, UNARCHIVE, MOVE] {
            let starts = |kind: &str| one.text.starts_with(&format!("{kind} {}(", one.name));
            assert!(starts("query") != starts("mutation"), "{}", one.name);
            assert!(!one.text.contains("updateProjectV2Field(") && !one.text.contains("singleSelectOptions"));
        }
    }

    #[test]
    fn a_page_of_the_board_asks_for_no_words() {
        for word in ["body", "title", "comments", "labels"] {
            assert!(!BOARD_PAGE.text.contains(word), "{word}");
        }
    }
}
