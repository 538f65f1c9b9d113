//! Reads GraphQL documents: one operation with its selection. It knows no schema and answers nothing.

use serde_json::{Value, json};

/// A word of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// One of `{ } ( ) [ ] : = ! $ @ | &`.
    Mark(char),
    /// `...`
    Spread,
    /// A name.
    Name(String),
    /// A string's content.
    Text(String),
    /// A number as written.
    Number(String),
}

/// A value as written in a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// `$name`
    Variable(String),
    /// Anything without a variable in it; an enum's word is a text.
    Plain(Value),
    /// `{name: value}`
    Object(Vec<(String, Input)>),
}

/// What is asked of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Selection {
    /// One of its fields.
    Field(Field),
    /// Fields it has when it is of this type.
    On(String, Vec<Selection>),
}

/// A field that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The key of the answer.
    pub(crate) key: String,
    /// Its name.
    pub(crate) name: String,
    /// Its arguments.
    pub(crate) args: Vec<(String, Input)>,
    /// What is asked of what it holds.
    pub(crate) inner: Vec<Selection>,
}

/// A whole operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    /// `query` or `mutation`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its variables, each with its type as written.
    pub(crate) variables: Vec<(String, String)>,
    /// What is asked.
    pub(crate) inner: Vec<Selection>,
}

impl Operation {
    /// A variable that must be given and is not.
    pub(crate) fn missing(&self, given: Option<&Value>) -> Option<&str> {
        let absent = |name: &str| given.and_then(|g| g.get(name)).is_none_or(Value::is_null);
        let wrong = self.variables.iter().find(|(name, kind)| kind.ends_with('!') && absent(name));
        wrong.map(|(name, _)| name.as_str())
    }

    /// What it costs: the requests that its connections stand for, a hundred to the point, and never nothing
    /// (`https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api`).
    pub(crate) fn cost(&self) -> u64 {
        (requests(&self.inner, 1) + 50).div_euclid(100).max(1)
    }
}

fn requests(selections: &[Selection], parents: u64) -> u64 {
    let each = selections.iter().map(|selection| match selection {
        Selection::On(_, inner) => requests(inner, parents),
        Selection::Field(field) => match field.args.iter().find(|(name, _)| name == "first") {
            Some((_, Input::Plain(first))) => {
                parents + requests(&field.inner, parents.saturating_mul(first.as_u64().unwrap_or(1)))
            }
            _ => requests(&field.inner, parents),
        },
    });
    each.sum()
}

/// Takes a text apart; comments, commas and descriptions' quotes are gone.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut out, mut rest) = (Vec::new(), text);
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\u{feff}');
        let Some(first) = rest.chars().next() else { return Ok(out) };
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e' | 'E' | '+');
        let mut upto = |fits: &dyn Fn(char) -> bool| {
            let (head, tail) = rest.split_at(rest.find(|c| !fits(c)).unwrap_or(rest.len()));
            rest = tail;
            head.to_owned()
        };
        if first == '#' {
            upto(&|c| c != '\n');
        } else if first.is_ascii_alphabetic() || first == '_' {
            out.push(Token::Name(upto(&name)));
        } else if first.is_ascii_digit() || first == '-' {
            out.push(Token::Number(upto(&number)));
        } else if let Some(tail) = rest.strip_prefix("...") {
            out.push(Token::Spread);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("\"\"\"") {
            let (inside, tail) = tail.split_once("\"\"\"").ok_or("a text has no end")?;
            out.push(Token::Text(inside.trim().to_owned()));
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('"') {
            let end = end_of_text(tail).ok_or("a text has no end")?;
            let inside: String = serde_json::from_str(&rest[..end + 2]).map_err(|e| e.to_string())?;
            out.push(Token::Text(inside));
            rest = &tail[end + 1..];
        } else if "{}()[]:=!$@|&".contains(first) {
            out.push(Token::Mark(first));
            rest = &rest[first.len_utf8()..];
        } else {
            return Err(format!("unexpected `{first}`"));
        }
    }
}

fn end_of_text(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// Reads a document of one operation.
pub(crate) fn document(text: &str) -> Result<Operation, String> {
    let mut reader = Reader { rest: tokens(text)?.into_iter().collect() };
    let kind = reader.name()?;
    if !matches!(kind.as_str(), "query" | "mutation") {
        return Err(format!("`{kind}` is no operation"));
    }
    let name = reader.name()?;
    let mut variables = Vec::new();
    if reader.takes('(') {
        while !reader.takes(')') {
            reader.expect('$')?;
            let variable = reader.name()?;
            reader.expect(':')?;
            variables.push((variable, reader.kind()?));
        }
    }
    let inner = reader.selections()?;
    if reader.rest.is_empty() {
        Ok(Operation { kind, name, variables, inner })
    } else {
        Err("more than one operation".to_owned())
    }
}

/// Goes through tokens.
pub(crate) struct Reader {
    /// What is still to be read.
    pub(crate) rest: std::collections::VecDeque<Token>,
}

impl Reader {
    /// Takes a mark when it is next.
    pub(crate) fn takes(&mut self, mark: char) -> bool {
        let there = self.rest.front() == Some(&Token::Mark(mark));
        if there {
            self.rest.pop_front();
        }
        there
    }

    /// Takes a mark that must be next.
    pub(crate) fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(mark) {
            Ok(())
        } else {
            Err(format!("expected `{mark}`, found {:?}", self.rest.front()))
        }
    }

    /// Takes a name that must be next.
    pub(crate) fn name(&mut self) -> Result<String, String> {
        match self.rest.pop_front() {
            Some(Token::Name(name)) => Ok(name),
            other => Err(format!("expected a name, found {other:?}")),
        }
    }

    /// A type as written, such as `[ID!]!`.
    pub(crate) fn kind(&mut self) -> Result<String, String> {
        let mut kind = if self.takes('[') {
            let inner = self.kind()?;
            self.expect(']')?;
            format!("[{inner}]")
        } else {
            self.name()?
        };
        if self.takes('!') {
            kind.push('!');
        }
        Ok(kind)
    }

    /// A value as written.
    pub(crate) fn input(&mut self) -> Result<Input, String> {
        if self.takes('$') {
            return Ok(Input::Variable(self.name()?));
        }
        if self.takes('{') {
            let mut fields = Vec::new();
            while !self.takes('}') {
                let name = self.name()?;
                self.expect(':')?;
                fields.push((name, self.input()?));
            }
            return Ok(Input::Object(fields));
        }
        if self.takes('[') {
            let mut all = Vec::new();
            while !self.takes(']') {
                let Input::Plain(value) = self.input()? else {
                    return Err("only plain values are read in lists".to_owned());
                };
                all.push(value);
            }
            return Ok(Input::Plain(Value::Array(all)));
        }
        let value = match self.rest.pop_front() {
            Some(Token::Text(text)) => json!(text),
            Some(Token::Number(number)) => serde_json::from_str(&number).map_err(|e| e.to_string())?,
            Some(Token::Name(name)) => match name.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                "null" => Value::Null,
                word => json!(word),
            },
            other => return Err(format!("expected a value, found {other:?}")),
        };
        Ok(Input::Plain(value))
    }

    fn selections(&mut self) -> Result<Vec<Selection>, String> {
        self.expect('{')?;
        let mut all = Vec::new();
        while !self.takes('}') {
            if self.rest.front() == Some(&Token::Spread) {
                self.rest.pop_front();
                if self.name()? != "on" {
                    return Err("only fragments in place are read".to_owned());
                }
                let kind = self.name()?;
                all.push(Selection::On(kind, self.selections()?));
            } else {
                all.push(Selection::Field(self.field()?));
            }
        }
        if all.is_empty() { Err("an empty selection".to_owned()) } else { Ok(all) }
    }

    fn field(&mut self) -> Result<Field, String> {
        let key = self.name()?;
        let name = if self.takes(':') { self.name()? } else { key.clone() };
        let mut args = Vec::new();
        if self.takes('(') {
            while !self.takes(')') {
                let arg = self.name()?;
                self.expect(':')?;
                args.push((arg, self.input()?));
            }
        }
        let inner =
            if self.rest.front() == Some(&Token::Mark('{')) { self.selections()? } else { Vec::new() };
        Ok(Field { key, name, args, inner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_with_all_it_asks_for() {
        let text = "query Q($a: ID!, $b: [Int!]) { # why\n x: node(id: $a, by: {n: 2, s: \"a\\\"}\"}) { ... on T { y } } }";
        let read = document(text).expect("a document");
        assert_eq!(
            read.variables,
            [("a".to_owned(), "ID!".to_owned()), ("b".to_owned(), "[Int!]".to_owned())]
        );
        let Selection::Field(field) = &read.inner[0] else { panic!("a field") };
        assert_eq!((field.key.as_str(), field.name.as_str()), ("x", "node"));
        assert!(matches!(&field.inner[0], Selection::On(kind, _) if kind == "T"));
        assert_eq!(read.missing(None), Some("a"));
        assert_eq!(read.missing(Some(&json!({"a": "1"}))), None);
        for wrong in [
            "",
            "query",
            "query Q {",
            "query Q { }",
            "query Q { a } query R { b }",
            "{ a }",
            "query Q { a(b: ) }",
        ] {
            assert!(document(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_costs_what_its_connections_stand_for() {
        let cost = |text| document(text).expect("a document").cost();
        assert_eq!(cost("query Q { viewer { login } }"), 1);
        assert_eq!(cost("query Q { a(first: 100) { nodes { b } } }"), 1);
        assert_eq!(cost("query Q { a(first: 100) { nodes { b(first: 10) { c } d(first: 10) { e } } } }"), 2);
        assert_eq!(cost("query Q { a(first: 100) { b(first: 100) { c(first: 10) { d } } } }"), 101);
        // The example of GitHub's own page, which says 51.
        let theirs =
            "query Q { viewer { repositories(first: 100) { edges { node { issues(first: 50) { edges { node {
            labels(first: 60) { edges { node { name } } } } } } } } } } }";
        assert_eq!(cost(theirs), 51);
    }
}
