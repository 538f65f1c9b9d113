//! Every GraphQL document that goes out against GitHub's own schema: types, fields, arguments, variables. The schema
//! is not in this repository: `CORKBOARD_ORACLES` names the folder that holds it. Without it the test says that it did
//! not run.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::{Field, Input, Operation, Reader, Selection, Token, document, tokens};

/// A field: its type, and its arguments with theirs and whether one may be left out.
struct Defined {
    kind: String,
    args: BTreeMap<String, (String, bool)>,
}

/// The schema, as far as documents are held against it.
#[derive(Default)]
struct Schema {
    /// Objects, interfaces and inputs.
    types: BTreeMap<String, BTreeMap<String, Defined>>,
    unions: BTreeMap<String, BTreeSet<String>>,
    /// Types and the interfaces they have.
    interfaces: BTreeMap<String, BTreeSet<String>>,
}

impl Schema {
    fn read(text: &str) -> Result<Self, String> {
        let words: Vec<Token> = tokens(text)?;
        let mut reader = Reader { rest: words.into() };
        let mut schema = Self::default();
        while !reader.rest.is_empty() {
            skip_text(&mut reader);
            match reader.name()?.as_str() {
                "type" | "interface" | "input" => schema.object(&mut reader)?,
                "union" => {
                    let name = reader.name()?;
                    directives(&mut reader)?;
                    reader.expect('=')?;
                    reader.takes('|');
                    let mut members = BTreeSet::from([reader.name()?]);
                    while reader.takes('|') {
                        members.insert(reader.name()?);
                    }
                    schema.unions.insert(name, members);
                }
                "enum" => {
                    reader.name()?;
                    directives(&mut reader)?;
                    reader.expect('{')?;
                    while !reader.takes('}') {
                        skip_text(&mut reader);
                        reader.name()?;
                        directives(&mut reader)?;
                    }
                }
                "scalar" => {
                    reader.name()?;
                    directives(&mut reader)?;
                }
                "schema" => {
                    directives(&mut reader)?;
                    reader.expect('{')?;
                    while !reader.takes('}') {
                        reader.rest.pop_front();
                    }
                }
                "directive" => {
                    reader.expect('@')?;
                    reader.name()?;
                    arguments(&mut reader)?;
                    // `on A | B`
                    while matches!(reader.rest.front(), Some(Token::Name(n)) if n.chars().all(|c| c.is_ascii_uppercase() || c == '_') || n == "on" || n == "repeatable")
                        || reader.rest.front() == Some(&Token::Mark('|'))
                    {
                        reader.rest.pop_front();
                    }
                }
                other => return Err(format!("`{other}` is not understood")),
            }
        }
        Ok(schema)
    }

    fn object(&mut self, reader: &mut Reader) -> Result<(), String> {
        let name = reader.name()?;
        if matches!(reader.rest.front(), Some(Token::Name(n)) if n == "implements") {
            reader.name()?;
            reader.takes('&');
            let own = self.interfaces.entry(name.clone()).or_default();
            own.insert(reader.name()?);
            while reader.takes('&') {
                own.insert(reader.name()?);
            }
        }
        directives(reader)?;
        reader.expect('{')?;
        let mut fields = BTreeMap::new();
        while !reader.takes('}') {
            skip_text(reader);
            let field = reader.name()?;
            let args = arguments(reader)?;
            reader.expect(':')?;
            let kind = reader.kind()?;
            // A default value, of an input's field.
            let kind = if reader.takes('=') {
                reader.input().map(|_| kind.trim_end_matches('!').to_owned())?
            } else {
                kind
            };
            directives(reader)?;
            fields.insert(field, Defined { kind, args });
        }
        self.types.insert(name, fields);
        Ok(())
    }

    /// What is wrong with a document.
    fn check(&self, operation: &Operation) -> Vec<String> {
        let root = if operation.kind == "mutation" { "Mutation" } else { "Query" };
        let mut wrong = Vec::new();
        self.selections(operation, root, &operation.inner, &mut wrong);
        for (name, _) in &operation.variables {
            if !uses(&operation.inner, name) {
                wrong.push(format!("${name} is not used"));
            }
        }
        wrong
    }

    fn selections(&self, all: &Operation, on: &str, asked: &[Selection], wrong: &mut Vec<String>) {
        for selection in asked {
            match selection {
                Selection::On(kind, inner) => {
                    let fits = kind == on
                        || self.unions.get(on).is_some_and(|u| u.contains(kind))
                        || self.interfaces.get(kind).is_some_and(|i| i.contains(on));
                    if !fits {
                        wrong.push(format!("`{on}` is never a `{kind}`"));
                    }
                    self.selections(all, kind, inner, wrong);
                }
                Selection::Field(field) => self.field(all, on, field, wrong),
            }
        }
    }

    fn field(&self, all: &Operation, on: &str, field: &Field, wrong: &mut Vec<String>) {
        let Some(defined) = self.types.get(on).and_then(|fields| fields.get(&field.name)) else {
            wrong.push(format!("`{on}` has no field `{}`", field.name));
            return;
        };
        let given: BTreeMap<&str, &Input> = field.args.iter().map(|(n, v)| (n.as_str(), v)).collect();
        for (name, (kind, optional)) in &defined.args {
            match given.get(name.as_str()) {
                Some(value) => self.value(all, kind, value, wrong),
                None if !optional => wrong.push(format!("`{}` lacks `{name}`", field.name)),
                None => {}
            }
        }
        for name in given.keys().filter(|n| !defined.args.contains_key(**n)) {
            wrong.push(format!("`{}` takes no `{name}`", field.name));
        }
        let inside = bare(&defined.kind);
        let composite = self.types.contains_key(inside) || self.unions.contains_key(inside);
        if composite == field.inner.is_empty() {
            wrong.push(format!("`{}`: a selection is missing or too much", field.name));
        }
        self.selections(all, inside, &field.inner, wrong);
    }

    fn value(&self, all: &Operation, kind: &str, value: &Input, wrong: &mut Vec<String>) {
        match value {
            Input::Variable(name) => {
                let given = all.variables.iter().find(|(n, _)| n == name).map(|(_, kind)| kind.as_str());
                let fits = given.is_some_and(|g| g == kind || g.strip_suffix('!') == Some(kind));
                if !fits {
                    wrong.push(format!("${name} is {given:?} where {kind} is wanted"));
                }
            }
            Input::Object(fields) => {
                let Some(defined) = self.types.get(bare(kind)) else {
                    wrong.push(format!("`{kind}` is no input"));
                    return;
                };
                for (name, value) in fields {
                    match defined.get(name) {
                        Some(field) => self.value(all, &field.kind, value, wrong),
                        None => wrong.push(format!("`{kind}` has no `{name}`")),
                    }
                }
                let missing = defined
                    .iter()
                    .filter(|(n, f)| f.kind.ends_with('!') && !fields.iter().any(|(g, _)| g == *n));
                wrong.extend(missing.map(|(n, _)| format!("`{kind}` lacks `{n}`")));
            }
            Input::Plain(value) => {
                let fits = match bare(kind) {
                    "Int" => value.is_i64(),
                    "Boolean" => value.is_boolean(),
                    "String" | "ID" => value.is_string(),
                    _ => true,
                };
                if !fits {
                    wrong.push(format!("{value} is no {kind}"));
                }
            }
        }
    }
}

fn uses(asked: &[Selection], name: &str) -> bool {
    fn in_value(value: &Input, name: &str) -> bool {
        match value {
            Input::Variable(n) => n == name,
            Input::Object(fields) => fields.iter().any(|(_, v)| in_value(v, name)),
            Input::Plain(_) => false,
        }
    }
    asked.iter().any(|s| match s {
        Selection::On(_, inner) => uses(inner, name),
        Selection::Field(f) => f.args.iter().any(|(_, v)| in_value(v, name)) || uses(&f.inner, name),
    })
}

fn bare(kind: &str) -> &str {
    kind.trim_matches(['[', ']', '!'])
}

fn skip_text(reader: &mut Reader) {
    while matches!(reader.rest.front(), Some(Token::Text(_))) {
        reader.rest.pop_front();
    }
}

fn directives(reader: &mut Reader) -> Result<(), String> {
    while reader.takes('@') {
        reader.name()?;
        if reader.takes('(') {
            while !reader.takes(')') {
                reader.name()?;
                reader.expect(':')?;
                reader.input()?;
            }
        }
    }
    Ok(())
}

fn arguments(reader: &mut Reader) -> Result<BTreeMap<String, (String, bool)>, String> {
    let mut args = BTreeMap::new();
    if reader.takes('(') {
        while !reader.takes(')') {
            skip_text(reader);
            let name = reader.name()?;
            reader.expect(':')?;
            let kind = reader.kind()?;
            let defaulted = if reader.takes('=') { reader.input().map(|_| true)? } else { false };
            directives(reader)?;
            let optional = defaulted || !kind.ends_with('!');
            args.insert(name, (kind, optional));
        }
    }
    Ok(args)
}

/// The schema; without it, a loud word that the test did not run.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn official(test: &str) -> Option<Schema> {
    let Some(oracles) = std::env::var_os("CORKBOARD_ORACLES").map(std::path::PathBuf::from) else {
        eprintln!("NOT RUN: {test}: CORKBOARD_ORACLES does not name the folder of GitHub's schema");
        return None;
    };
    let text = std::fs::read_to_string(oracles.join("specs/github-schema.clean.graphql")).unwrap();
    let schema = Schema::read(&text).unwrap();
    assert!(schema.types.len() > 1_000, "the whole schema was read");
    Some(schema)
}

/// Holds documents, by name, against the schema.
pub fn check(test: &str, documents: &BTreeMap<String, String>) {
    let Some(schema) = official(test) else { return };
    for (name, text) in documents {
        assert_eq!(schema.check(&document(text).unwrap()), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_document_that_does_not_fit_is_found() {
    let Some(schema) = official("a_document_that_does_not_fit_is_found") else { return };
    let bad = [
        ("query Q { nothing }", "no field"),
        ("query Q { node { id } }", "lacks `id`"),
        ("query Q($a: String!) { node(id: $a) { id } }", "is wanted"),
        ("query Q($a: ID!) { node(id: $a, x: 1) { id } }", "takes no"),
        ("query Q($a: ID!) { viewer { login } }", "not used"),
        ("query Q { repository(owner: \"a\", name: \"b\") { ... on PageInfo { endCursor } } }", "never a"),
        ("query Q { viewer }", "selection"),
        (
            "mutation M { addProjectV2ItemById(input: {projectId: \"a\"}) { item { id } } }",
            "lacks `contentId`",
        ),
    ];
    for (text, what) in bad {
        let wrong = schema.check(&document(text).unwrap());
        assert!(wrong.iter().any(|w| w.contains(what)), "{text}: {wrong:?}");
    }
}
