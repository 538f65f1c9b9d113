//! The workflow: which status leads where, and what a screen on the way wants.

use serde_json::{Value, json};

use super::issue::State;
use super::{Asked, Outcome, World, refuse, refuse_field};
use crate::sandbox::api::Answer;

/// Where every issue starts.
pub(super) const TO_DO: u64 = 10_000;
const IN_PROGRESS: u64 = 3;
const BLOCKED: u64 = 10_050;
const DONE: u64 = 10_002;
const VERIFIED: u64 = 10_060;

/// Id, name and category of each status.
pub(super) const STATUSES: [(u64, &str, &str); 5] = [
    (TO_DO, "To Do", "new"),
    (IN_PROGRESS, "In Progress", "indeterminate"),
    (BLOCKED, "Blocked", "indeterminate"),
    (DONE, "Done", "done"),
    (VERIFIED, "Verified", "done"),
];

/// How an issue can be resolved.
const RESOLUTIONS: [&str; 4] = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"];
/// A field of the site's own: who verified it.
const VERIFIED_BY: &str = "customfield_10040";

/// Id, name, from, to, and the field its screen requires.
type Step = (u64, &'static str, u64, u64, Option<&'static str>);

const STEPS: [Step; 8] = [
    (11, "Start", TO_DO, IN_PROGRESS, None),
    (21, "Stop", IN_PROGRESS, TO_DO, None),
    (31, "Block", IN_PROGRESS, BLOCKED, None),
    (41, "Unblock", BLOCKED, IN_PROGRESS, None),
    (51, "Finish", IN_PROGRESS, DONE, Some("resolution")),
    (61, "Finish", BLOCKED, DONE, Some("resolution")),
    (71, "Verify", DONE, VERIFIED, Some(VERIFIED_BY)),
    (81, "Reopen", DONE, TO_DO, None),
];

/// A status by id.
pub(super) fn status(id: u64) -> (u64, &'static str, &'static str) {
    STATUSES.iter().copied().find(|s| s.0 == id).unwrap_or(STATUSES[0])
}

/// A status as Jira shows it.
pub(super) fn shown(root: &str, id: u64) -> Value {
    let (id, name, category) = status(id);
    let (number, colour, word) = match category {
        "new" => (2, "blue-gray", "To Do"),
        "done" => (3, "green", "Done"),
        _ => (4, "yellow", "In Progress"),
    };
    json!({
        "self": format!("{root}/rest/api/3/status/{id}"), "id": id.to_string(), "name": name, "description": "",
        "iconUrl": format!("{root}/images/icons/status.png"),
        "statusCategory": {
            "self": format!("{root}/rest/api/3/statuscategory/{number}"), "id": number, "key": category,
            "colorName": colour, "name": word,
        },
    })
}

/// The statuses of a project, by issue type: all types share the one workflow.
pub(super) fn of_project(root: &str) -> Value {
    let statuses: Vec<Value> = STATUSES.iter().map(|(id, ..)| shown(root, *id)).collect();
    let types = [(10_001, "Story", false), (10_002, "Task", false), (10_003, "Sub-task", true)];
    let of_type = |(id, name, subtask): (u32, &str, bool)| {
        json!({
            "self": format!("{root}/rest/api/3/issuetype/{id}"), "id": id.to_string(), "name": name,
            "subtask": subtask, "statuses": statuses,
        })
    };
    Value::Array(types.into_iter().map(of_type).collect())
}

/// A resolution as Jira shows it.
pub(super) fn resolution(root: &str, name: &str) -> Value {
    let id = RESOLUTIONS.iter().position(|r| *r == name).unwrap_or(0) + 10_000;
    json!({"self": format!("{root}/rest/api/3/resolution/{id}"), "id": id.to_string(), "name": name, "description": ""})
}

fn screen(root: &str, field: &str) -> Value {
    if field == "resolution" {
        let values: Vec<Value> = RESOLUTIONS.iter().map(|r| resolution(root, r)).collect();
        return json!({"resolution": {
            "required": true, "schema": {"type": "resolution", "system": "resolution"}, "name": "Resolution",
            "key": "resolution", "hasDefaultValue": false, "operations": ["set"], "allowedValues": values,
        }});
    }
    json!({field: {
        "required": true,
        "schema": {"type": "string", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:textfield", "customId": 10_040},
        "name": "Verified by", "key": field, "hasDefaultValue": false, "operations": ["set"],
    }})
}

impl World {
    /// Where the issue can go from here.
    pub(super) fn transitions(&self, asked: &Asked<'_>, id: u64) -> Value {
        let from = self.issues[&id].now.status;
        let with_fields = asked.call.param("expand") == Some("transitions.fields");
        let one = |(step, name, _, to, field): &Step| {
            let mut shown = json!({
                "id": step.to_string(), "name": name, "to": shown(&asked.root, *to), "hasScreen": field.is_some(),
                "isGlobal": false, "isInitial": false, "isConditional": false, "isAvailable": true, "looped": false,
            });
            if with_fields {
                shown["fields"] = field.map_or_else(|| json!({}), |f| screen(&asked.root, f));
            }
            shown
        };
        let all: Vec<Value> = self.ways(from).iter().map(one).collect();
        json!({"expand": "transitions", "transitions": all})
    }

    /// The steps that lead on from a status.
    fn ways(&self, from: u64) -> Vec<Step> {
        if !self.free_workflow {
            return STEPS.into_iter().filter(|s| s.2 == from).collect();
        }
        let to = |(n, (id, _, category)): (u64, (u64, &str, &str))| {
            (100 + n, "Move", from, id, (category == "done").then_some("resolution"))
        };
        (0..).zip(STATUSES).map(to).collect()
    }

    /// Makes one of them.
    pub(super) fn transition(&mut self, asked: &Asked<'_>, id: u64) -> Outcome {
        let body = asked.body()?;
        let Some(issue) = self.issues.get(&id) else { return Err(refuse(404, "gone")) };
        let wanted =
            body.get("transition").and_then(|t| t.get("id")).and_then(Value::as_str).unwrap_or_default();
        let leads = |s: &Step| s.0.to_string() == wanted;
        let Some((_, _, _, to, field)) = self.ways(issue.now.status).into_iter().find(leads) else {
            let words = format!(
                "The transition '{wanted}' is not valid for the issue '{}' in its present status.",
                issue.key()
            );
            return Err(refuse(400, &words));
        };
        let fields = body.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
        for name in fields.keys() {
            if Some(name.as_str()) != field {
                let words =
                    format!("Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.");
                return Err(refuse_field(name, &words));
            }
        }
        let given = resolved(&fields, field)?;
        self.change(id, asked.call.now.0, asked.login(), |state| apply(state, to, given));
        Ok(Answer { headers: Vec::new(), ..Answer::new(204, String::new()) })
    }
}

/// The value of the field a screen requires.
fn resolved(
    fields: &serde_json::Map<String, Value>,
    field: Option<&'static str>,
) -> Result<Option<(&'static str, String)>, Answer> {
    let Some(field) = field else { return Ok(None) };
    let value = fields.get(field);
    if field != "resolution" {
        let text = value.and_then(Value::as_str).filter(|t| !t.is_empty());
        let missing = || refuse_field(field, "Verified by is required.");
        return Ok(Some((field, text.ok_or_else(missing)?.to_owned())));
    }
    let name = value.and_then(|v| v.get("name")).and_then(Value::as_str);
    let name = name.ok_or_else(|| refuse_field(field, "Resolution is required."))?;
    if !RESOLUTIONS.contains(&name) {
        return Err(refuse_field(field, &format!("Resolution name '{name}' is not valid")));
    }
    Ok(Some((field, name.to_owned())))
}

fn apply(state: &mut State, to: u64, given: Option<(&'static str, String)>) {
    state.status = to;
    match given {
        Some(("resolution", name)) => state.resolution = Some(name),
        Some((_, name)) => state.verified_by = Some(name),
        None => {}
    }
    if status(to).2 != "done" {
        state.resolution = None;
    }
}
