//! Carries an operation out: walks the selection, asks `fields` for each field, and puts the answer together. A field
//! that is refused is null, with an error that names its path, as GitHub does.

use serde_json::{Map, Value, json};

use super::fields::{self, Node, Out};
use super::parse::{Field, Input, Operation, Selection};
use super::world::{Projects, is_mutation};
use super::{Refusal, mutate};
use crate::sandbox::api::Call;
use crate::sandbox::world::World;

/// Arguments with their variables filled in.
pub(super) type Args = Map<String, Value>;

/// What an answer is put together from.
struct Running<'a> {
    projects: &'a mut Projects,
    world: &'a mut World,
    call: &'a Call,
    variables: &'a Value,
    cost: u64,
    errors: Vec<Value>,
}

/// Answers an operation.
pub(super) fn run(
    projects: &mut Projects,
    world: &mut World,
    call: &Call,
    operation: &Operation,
    variables: &Value,
) -> Value {
    let cost = operation.cost();
    let mut running = Running { projects, world, call, variables, cost, errors: Vec::new() };
    let root = if is_mutation(operation) { Node::Mutation } else { Node::Query };
    let data = running.select(&root, &operation.inner, &mut Vec::new());
    let errors = running.errors;
    match data {
        // What no schema has is refused as a whole.
        Err(message) => json!({"errors": [{"message": message}]}),
        Ok(data) if errors.is_empty() => json!({"data": data}),
        Ok(data) => json!({"data": data, "errors": errors}),
    }
}

impl Running<'_> {
    fn select(&mut self, node: &Node, asked: &[Selection], path: &mut Vec<Value>) -> Result<Value, String> {
        let mut out = Map::new();
        for selection in asked {
            match selection {
                Selection::On(kind, inner) if *kind == node.kind() => {
                    if let Value::Object(more) = self.select(node, inner, path)? {
                        out.extend(more);
                    }
                }
                Selection::On(..) => {}
                Selection::Field(field) => {
                    path.push(json!(field.key));
                    let value = self.field(node, field, path)?;
                    path.pop();
                    out.insert(field.key.clone(), value);
                }
            }
        }
        Ok(Value::Object(out))
    }

    fn field(&mut self, node: &Node, field: &Field, path: &mut Vec<Value>) -> Result<Value, String> {
        let args: Args = field.args.iter().map(|(name, input)| (name.clone(), self.fill(input))).collect();
        let found = if *node == Node::Mutation {
            mutate::carry_out(self.projects, self.world, self.call, &field.name, &args)
        } else if let (Node::Query, "rateLimit") = (node, field.name.as_str()) {
            let (limit, used, reset) = self.projects.account(self.call);
            let at = chrono::DateTime::from_timestamp_millis(reset).unwrap_or_default();
            Some(Ok(Out::Node(Node::Plain(
                "RateLimit",
                json!({
                    "limit": limit, "cost": self.cost, "remaining": limit.saturating_sub(used), "used": used,
                    "resetAt": at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                }),
            ))))
        } else {
            fields::look_up(self.projects, self.world, self.call, node, &field.name, &args)
        };
        let Some(found) = found else {
            return Err(format!("Field '{}' doesn't exist on type '{}'", field.name, node.kind()));
        };
        match found {
            Err(Refusal { kind, message }) => {
                let mut error = json!({"path": path, "message": message});
                if let Some(kind) = kind {
                    error["type"] = json!(kind);
                }
                self.errors.push(error);
                Ok(Value::Null)
            }
            Ok(Out::Null) => Ok(Value::Null),
            Ok(Out::Leaf(value)) if field.inner.is_empty() => Ok(value),
            Ok(Out::Leaf(_)) => Err(format!("Selections can't be made on scalars (field '{}')", field.name)),
            Ok(_) if field.inner.is_empty() => {
                Err(format!("Field must have selections (field '{}')", field.name))
            }
            Ok(Out::Node(node)) => self.select(&node, &field.inner, path),
            Ok(Out::List(nodes)) => {
                let mut all = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    path.push(json!(at));
                    all.push(self.select(node, &field.inner, path)?);
                    path.pop();
                }
                Ok(Value::Array(all))
            }
        }
    }

    fn fill(&self, input: &Input) -> Value {
        match input {
            Input::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::Null),
            Input::Plain(value) => value.clone(),
            Input::Object(fields) => {
                Value::Object(fields.iter().map(|(name, input)| (name.clone(), self.fill(input))).collect())
            }
        }
    }
}
