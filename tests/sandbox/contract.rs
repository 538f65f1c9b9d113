//! The sandbox's answers against GitHub's own description of its API, when `CORKBOARD_ORACLES` names a folder with it.

use corkboard::sandbox::{ADMIN_TOKEN, FINE_GRAINED_TOKEN, READ_TOKEN, Sandbox, SandboxOptions, Seed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Client, ISSUES};
use crate::seeds::oracles;

/// Disagreements between `value` and `schema`, an OpenAPI 3.0 schema whose references lead into `spec`.
fn disagreements(spec: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = spec.pointer(reference.trim_start_matches('#')).unwrap();
        return disagreements(spec, target, value, place, found);
    }
    let fits = |part: &Value| {
        let mut inside = Vec::new();
        disagreements(spec, part, value, place, &mut inside);
        inside.is_empty()
    };
    for part in schema["allOf"].as_array().into_iter().flatten() {
        disagreements(spec, part, value, place, found);
    }
    for kind in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[kind].as_array()
            && !parts.iter().any(fits)
        {
            found.push(format!("{place}: fits no part of {kind}"));
        }
    }
    if value.is_null() {
        if schema.get("type").is_some() && schema["nullable"] != true {
            found.push(format!("{place}: null"));
        }
        return;
    }
    let right_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    if !right_type {
        found.push(format!("{place}: {value} is no {}", schema["type"]));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        found.push(format!("{place}: {value} is none of {allowed:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            found.push(format!("{place}: {name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        if let Some(part) = schema["properties"].get(name) {
            disagreements(spec, part, inner, &format!("{place}/{name}"), found);
        } else if schema["additionalProperties"] == false {
            found.push(format!("{place}: {name} is not described"));
        }
    }
    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(part) = schema.get("items") {
            disagreements(spec, part, inner, &format!("{place}/{at}"), found);
        }
    }
}

/// The described path that `path` is an example of; the one with the fewest variables wins.
fn described<'a>(spec: &'a Value, path: &str) -> Option<&'a Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let variables = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        let fits = parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, word)| part.starts_with('{') || part == word);
        fits.then(|| parts.iter().filter(|part| part.starts_with('{')).count())
    };
    let paths = spec["paths"].as_object()?.iter();
    let fitting = paths.filter_map(|(template, item)| Some((variables(template)?, item)));
    fitting.min_by_key(|(count, _)| *count).map(|(_, item)| item)
}

/// Reads and edits of every kind, refusals among them.
async fn traffic(sandbox: &Sandbox) {
    let ana = Client::new(sandbox, ADMIN_TOKEN);
    let repo = "/repos/octo/app";
    for path in ["/user", "/rate_limit", repo, "/repos/octo/former-name", "/repos/octo/none"] {
        ana.get(path).await;
    }
    let reads = [
        "issues?state=all&per_page=100",
        "issues/1",
        "issues/1/labels",
        "issues/1/comments",
        "issues/comments",
        "issues/1/events",
        "issues/events",
        "labels",
        "labels/bug",
        "milestones?state=all",
        "milestones/2",
        "milestones/2/labels",
        "assignees",
        "assignees/ben",
        "assignees/nobody",
        "issues/999",
    ];
    for path in reads {
        ana.get(&format!("{repo}/{path}")).await;
    }
    let wish =
        json!({"title": "new", "body": "b", "labels": ["bug", "x"], "assignees": ["ben"], "milestone": 2});
    let made = ana.post(ISSUES, wish).await.json();
    let issue = format!("{ISSUES}/{}", made["number"]);
    ana.patch(&issue, json!({"title": "newer", "state": "closed", "milestone": null})).await;
    ana.patch(&issue, json!({"state": "open", "assignees": []})).await;
    ana.patch(&issue, json!({"title": "x".repeat(300)})).await;
    ana.post(ISSUES, json!({"title": "a", "assignees": ["nobody"]})).await;
    ana.post(ISSUES, json!({"title": "a", "milestone": 77})).await;
    ana.post(&format!("{issue}/labels"), json!({"labels": ["a b"]})).await;
    ana.put(&format!("{issue}/labels"), json!({"labels": ["a b", "sync"]})).await;
    ana.delete(&format!("{issue}/labels/sync")).await;
    ana.post(&format!("{issue}/assignees"), json!({"assignees": ["cy"]})).await;
    ana.send(Method::DELETE, &format!("{issue}/assignees"), Some(json!({"assignees": ["cy"]}))).await;
    let comment = ana.post(&format!("{issue}/comments"), json!({"body": "hello"})).await.json();
    let comment = format!("{ISSUES}/comments/{}", comment["id"]);
    ana.get(&comment).await;
    ana.patch(&comment, json!({"body": "hello again"})).await;
    ana.get(&format!("{issue}/comments")).await;
    ana.get(&format!("{issue}/events")).await;
    ana.delete(&comment).await;
    ana.delete(&format!("{issue}/labels")).await;
    ana.post(&format!("{repo}/labels"), json!({"name": "new one", "color": "ff0000"})).await;
    ana.post(&format!("{repo}/labels"), json!({"name": "NEW one", "color": "ff0000"})).await;
    ana.patch(&format!("{repo}/labels/new%20one"), json!({"new_name": "newer"})).await;
    ana.delete(&format!("{repo}/labels/newer")).await;
    let due = json!({"title": "v9", "due_on": "2030-12-12T12:00:00Z"});
    let milestone = ana.post(&format!("{repo}/milestones"), due).await.json();
    let milestone = format!("{repo}/milestones/{}", milestone["number"]);
    ana.patch(&milestone, json!({"state": "closed"})).await;
    ana.delete(&milestone).await;
    ana.post("/repos/octo/archived/issues", json!({"title": "a"})).await;
    Client::new(sandbox, READ_TOKEN).post(ISSUES, json!({"title": "reader", "labels": ["bug"]})).await;
    Client::new(sandbox, FINE_GRAINED_TOKEN).post(ISSUES, json!({"title": "a"})).await;
    sandbox.web("ana").transfer("octo/app", 1, "octo/other").unwrap();
    sandbox.web("ana").delete("octo/app", 2).unwrap();
    ana.get(&format!("{ISSUES}/1")).await;
    ana.get(&format!("{ISSUES}/2")).await;
}

#[tokio::test]
async fn every_answer_fits_githubs_description() {
    let Some(folder) = oracles("every_answer_fits_githubs_description") else { return };
    let text = std::fs::read_to_string(folder.join("specs/github-rest-issues.core.json")).unwrap();
    let spec: Value = serde_json::from_str(&text).unwrap();
    let options = SandboxOptions { seed: Seed::Demo, ..Default::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    traffic(&sandbox).await;
    let (mut found, mut checked) = (Vec::new(), 0);
    for asked in sandbox.requests() {
        let path = asked.path.split('?').next().unwrap();
        let operation = &described(&spec, path).unwrap()[asked.method.to_lowercase()];
        let status = asked.status.unwrap().to_string();
        let mut answer = &operation["responses"][&status];
        if let Some(reference) = answer["$ref"].as_str() {
            answer = spec.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let place = format!("{} {} {status}", asked.method, asked.path);
        if let Some(schema) = answer.pointer("/content/application~1json/schema") {
            let value: Value = serde_json::from_str(&asked.response_body).unwrap();
            disagreements(&spec, schema, &value, &place, &mut found);
            checked += 1;
        } else if !answer.is_object() && asked.status.is_some_and(|status| status < 400) {
            found.push(format!("{place}: this status is not described"));
        }
    }
    assert_eq!(found, [""; 0]);
    assert!(checked > 45, "{checked} answers checked");
}

#[test]
fn the_check_itself_finds_what_is_wrong() {
    let spec = json!({"s": {"type": "object", "required": ["a"], "properties": {
        "a": {"type": "integer"}, "b": {"type": "string", "nullable": true}, "c": {"enum": ["x"]},
    }}});
    let count = |value: Value| {
        let mut found = Vec::new();
        disagreements(&spec, &json!({"$ref": "#/s"}), &value, "", &mut found);
        found.len()
    };
    assert_eq!(count(json!({"a": 1, "b": null, "c": "x", "d": 1})), 0);
    assert_eq!(count(json!({"a": null})), 1);
    assert_eq!(count(json!({"b": 1, "c": "y"})), 3);
    assert_eq!(count(json!([])), 1);
}
