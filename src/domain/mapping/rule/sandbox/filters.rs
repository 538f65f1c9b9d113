//! The filters and tests of templates and expressions: few, each with a bounded result.

use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use super::super::{VALUE_MAX, number};

/// Puts them in place.
pub(super) fn register(env: &mut Environment<'static>) {
    env.add_filter("lower", |text: String| bounded(text.to_lowercase()));
    env.add_filter("upper", |text: String| bounded(text.to_uppercase()));
    env.add_filter("capitalize", |text: String| bounded(capital(&text)));
    env.add_filter("title", |text: String| bounded(super::super::text::title(&text)));
    env.add_filter("trim", |text: String| bounded(text.trim().to_owned()));
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    env.add_filter("split", split);
    env.add_filter("lines", |text: String| split(text, "\n".to_owned()));
    env.add_filter("truncate", |text: String, most: usize| text.chars().take(most).collect::<String>());
    env.add_filter("number", |value: &Value| as_number(value).map(whole));
    env.add_filter("times", |value: &Value, by: f64| as_number(value).map(|n| whole(n * by)));
    env.add_filter("round", round);
    env.add_filter("abs", |value: &Value| as_number(value).map(|n| whole(n.abs())));
    env.add_filter("length", filters::length);
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("sort", |list: &Value| -> Result<Vec<Value>, Error> {
        let mut items: Vec<Value> = list.try_iter()?.collect();
        items.sort();
        Ok(items)
    });
    env.add_filter(
        "default",
        |value: &Value, other: Value| if is_empty(value) { other } else { value.clone() },
    );
    env.add_test("empty", is_empty);
    env.add_test("none", is_empty);
    env.add_test("number", |value: &Value| as_number(value).is_ok());
    env.add_test("startingwith", tests::is_startingwith);
    env.add_test("endingwith", tests::is_endingwith);
}

fn wrong(words: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, words)
}

fn bounded(text: String) -> Result<String, Error> {
    if text.len() > VALUE_MAX { Err(wrong("it makes too long a text")) } else { Ok(text) }
}

fn is_empty(value: &Value) -> bool {
    value.is_none() || value.is_undefined() || value.as_str() == Some("") || value.len() == Some(0)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn replace(text: String, what: String, with: String) -> Result<String, Error> {
    if what.is_empty() {
        return Err(wrong("`replace` needs a text to look for"));
    }
    let found = text.matches(&what).count();
    if text.len().saturating_add(found.saturating_mul(with.len())) > VALUE_MAX {
        return Err(wrong("it makes too long a text"));
    }
    Ok(text.replace(&what, &with))
}

fn join(list: Value, with: Option<String>) -> Result<String, Error> {
    let with = with.unwrap_or_default();
    let mut out = String::new();
    for (at, item) in list.try_iter()?.enumerate() {
        if at > 0 {
            out.push_str(&with);
        }
        out.push_str(item.as_str().ok_or_else(|| wrong("`join` takes a list of texts"))?);
        if out.len() > VALUE_MAX {
            return Err(wrong("it makes too long a text"));
        }
    }
    Ok(out)
}

fn split(text: String, at: String) -> Result<Vec<String>, Error> {
    if at.is_empty() {
        return Err(wrong("`split` needs a separator"));
    }
    if text.len() > VALUE_MAX || text.matches(&at).count() > 4_096 {
        return Err(wrong("it makes too long a list"));
    }
    Ok(text.split(&at).map(|part| part.trim().to_owned()).collect())
}

/// A number, or a text that is one.
fn as_number(value: &Value) -> Result<f64, Error> {
    match value.as_str() {
        Some(text) => number::parse(text).map_err(|words| Error::new(ErrorKind::InvalidOperation, words)),
        None => f64::try_from(value.clone()),
    }
}

/// A whole number without a point.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

fn round(value: &Value, places: Option<u32>) -> Result<Value, Error> {
    let shift = 10f64.powi(places.unwrap_or(0).min(9) as i32);
    as_number(value).map(|n| whole((n * shift).round() / shift))
}
