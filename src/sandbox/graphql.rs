//! The simulated GitHub's GraphQL, as far as projects go: `POST /graphql`, and `/api/graphql` of an Enterprise Server.
//! A document is read, every field of it is looked up by its name, and what is not there is refused as GitHub does.

mod answer;
mod custom;
mod fields;
mod mutate;
mod parse;
mod people;
mod world;

use serde_json::{Value, json};

pub use people::ProjectItemView;
pub use world::Automation;
pub(super) use world::Projects;

use super::api::{Answer, Call, error};
use super::world::World;
use parse::Operation;

/// A field that was refused: GitHub's type of error, when it has one, and its words.
#[derive(Debug)]
struct Refusal {
    kind: Option<&'static str>,
    message: String,
}

impl Refusal {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Some(kind), message: message.into() }
    }
}

impl Projects {
    /// Answers a request to the GraphQL address; `None` when it is for another one.
    pub(super) fn handle(&mut self, world: &mut World, call: &Call) -> Option<Answer> {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        if !matches!(segments.as_slice(), ["graphql"] | ["api", "graphql"]) {
            return None;
        }
        if call.bad_credentials {
            return Some(error(401, "Bad credentials"));
        }
        if call.login().is_none() || call.method != "POST" {
            return Some(error(401, "This endpoint requires you to be authenticated."));
        }
        self.follow(world, call.now);
        let body = match call.json() {
            Ok(body) => body,
            Err(refusal) => return Some(refusal),
        };
        let text = body.get("query").and_then(Value::as_str).unwrap_or_default();
        let answered = match parse::document(text) {
            Ok(operation) => self.answer(world, call, &operation, body.get("variables")),
            Err(why) => json!({"errors": [{"message": format!("Parse error: {why}")}]}),
        };
        Some(self.headers(call, Answer::new(200, answered.to_string())))
    }

    fn answer(
        &mut self,
        world: &mut World,
        call: &Call,
        operation: &Operation,
        variables: Option<&Value>,
    ) -> Value {
        if !self.spend(call, operation.cost()) {
            let message = "API rate limit exceeded for user ID 1.";
            return json!({"errors": [{"type": "RATE_LIMITED", "message": message}]});
        }
        if let Some(missing) = operation.missing(variables) {
            let message = format!("Variable ${missing} of required type was provided invalid value");
            return json!({"errors": [{"message": message}]});
        }
        let empty = json!({});
        answer::run(self, world, call, operation, variables.unwrap_or(&empty))
    }

    /// What every answer says of the account of points, which is not that of REST.
    fn headers(&mut self, call: &Call, mut answer: Answer) -> Answer {
        let (limit, used, reset) = self.account(call);
        let id = self.fresh();
        answer.headers.extend([
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", limit.saturating_sub(used).to_string()),
            ("x-ratelimit-used", used.min(limit).to_string()),
            ("x-ratelimit-reset", reset.div_euclid(1000).to_string()),
            ("x-ratelimit-resource", "graphql".to_owned()),
            ("x-github-request-id", format!("6B1E:{:04X}:{id:08X}", id & 0xFFFF)),
            ("x-github-media-type", "github.v4; format=json".to_owned()),
        ]);
        if let Some(scopes) = call.account().and_then(|account| account.scopes) {
            answer.headers.push(("x-oauth-scopes", scopes.to_owned()));
        }
        answer
    }
}
