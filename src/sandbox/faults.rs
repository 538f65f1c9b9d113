//! The little language in which faults are scripted: parsing it and writing it back. Deciding which request a rule
//! hits is `inject`'s work, carrying it out `serve`'s.
//!
//! Rules are separated by `;`. Each is `[METHOD] [path-glob] [selectors] ACTION`, for example
//! `PATCH */issues/* nth=3 drop-after; GET p=0.1 status=502; WRITE latency=50ms`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A list of fault rules; empty means that nothing goes wrong. `FromStr` reads the language, `Display` writes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// The rules in order. Latencies add up; of the other actions the first rule that hits wins.
    pub rules: Vec<Rule>,
}

/// One rule: which requests, which of them, and what happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Which methods: `GET`, `POST`, .., or `READ` (GET, HEAD) and `WRITE` (all others). None: every method.
    pub method: Option<String>,
    /// A path where `*` stands for any run of characters; matched against the query too when it holds a `?`.
    pub path: Option<String>,
    /// Skips this many matching requests before any other selector counts (`after=10`).
    pub after: u64,
    /// Hits only the n-th matching request (`nth=3`).
    pub nth: Option<u64>,
    /// Hits each n-th matching request (`every=4`).
    pub every: Option<u64>,
    /// Hits with this probability, 0 to 1 (`p=0.1`).
    pub probability: Option<f64>,
    /// Hits at most this often (`count=2`).
    pub count: Option<u64>,
    /// What happens.
    pub action: Action,
}

/// What happens to a request that a rule hits.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// `latency=50ms`: waits before the request is looked at.
    Latency(Duration),
    /// `status=502`: answers this status without applying anything; 500 and above with an HTML body, below with
    /// GitHub's JSON.
    Status(u16),
    /// `429(retry-after=2s)`: the secondary limit as 429, nothing applied.
    TooMany(Duration),
    /// `403-secondary(retry-after=60s)`: the secondary limit as 403, nothing applied.
    Secondary(Duration),
    /// `403-secondary-silent`: the same without a word of how long, nothing applied.
    SecondarySilent,
    /// `403-primary(reset=30s)`: the hourly budget is used up until then, nothing applied.
    Primary(Duration),
    /// `drop-before`: the connection closes without an answer, nothing applied.
    DropBefore,
    /// `drop-after`: the request is applied, then the connection closes without an answer.
    DropAfter,
    /// `truncate`: applied, but the answer stops in the middle and the connection closes.
    Truncate,
    /// `html`: answers 200 with a web page, as a captive portal does; nothing applied.
    Html,
    /// `shift=edit`: after a list page that has a next page, an item already sent is edited.
    ShiftEdit,
    /// `shift=delete`: after a list page that has a next page, an item already sent is deleted.
    ShiftDelete,
    /// `hang`: never answers, nothing applied.
    Hang,
    /// `hang-after`: applied, never answers.
    HangAfter,
    /// `echo=401`: answers this status and repeats the whole request in headers and body, its credential included;
    /// nothing applied. 500 and above a web page, 400 and above JSON, below that JSON that breaks off.
    Echo(u16),
    /// `redirect=URL`: sends elsewhere with 302; `{credential}` in it becomes the request's own. Nothing applied.
    Redirect(String),
    /// `doubled`: issue lists hold every entry of the page twice, in the opposite order first.
    Doubled,
    /// `stale(lag=2s)`: lists leave out what was created within the lag.
    Stale(Duration),
}

/// Why a fault specification was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// A word that is neither a method, a path, a selector nor an action.
    #[error("`{word}` in rule {rule} is not a method, a path, a selector or an action; {cure}")]
    Unknown {
        /// The word as written.
        word: String,
        /// Which rule, counted from 1.
        rule: usize,
        /// What to write instead.
        cure: String,
    },
    /// A value that does not fit its word.
    #[error("`{word}` in rule {rule} has a value that does not fit; {cure}")]
    Value {
        /// The word as written.
        word: String,
        /// Which rule, counted from 1.
        rule: usize,
        /// What to write instead.
        cure: String,
    },
    /// A rule without an action, or with words after it.
    #[error(
        "rule {rule}, `{text}`, {problem}; write `[METHOD] [path] [selectors] ACTION` with one action, last"
    )]
    Shape {
        /// Which rule, counted from 1.
        rule: usize,
        /// The rule as written.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "READ", "WRITE"];
const ACTIONS: &str = "latency=50ms, status=502, 429(retry-after=2s), 403-secondary(retry-after=60s), \
     403-secondary-silent, 403-primary(reset=30s), drop-before, drop-after, truncate, html, shift=edit, shift=delete, \
     hang, hang-after, stale(lag=2s), doubled, echo=401, redirect=https://HOST/";

impl Faults {
    /// The language in a few lines, for the help of a command.
    pub const HELP: &str = "\
Rules are separated by `;`. Each is [METHOD] [path] [selectors] ACTION, for example
  PATCH */issues/* nth=3 drop-after; READ p=0.1 status=502; WRITE latency=50ms
METHOD     GET, POST, PATCH, PUT, DELETE, READ (GET, HEAD) or WRITE (all others)
path       `*` stands for any run of characters; matched with the query when it holds a `?`
selectors  nth=3, every=4, count=2 (at most), after=10 (skip the first), p=0.1 (probability)
ACTION     latency=50ms            wait first
           status=502              an error in place of the server; nothing is applied
           429(retry-after=2s)     the secondary limit; nothing is applied
           403-secondary(retry-after=60s), 403-secondary-silent, 403-primary(reset=30s)
           drop-before, hang       no answer, nothing is applied
           drop-after, hang-after  applied, but no answer
           truncate                applied, the answer breaks off in the middle
           html                    200 with a web page; nothing is applied
           echo=401                the request, credential and all, repeated in headers and body; nothing is applied
           redirect=URL            302 to there; `{credential}` in it becomes the request's own
           shift=edit, shift=delete  an item already listed changes, so that the pages behind it shift
           stale(lag=2s)           lists do not show yet what is newer than that
           doubled                 lists hold every entry twice and out of order";
}

impl Rule {
    /// A rule that does `action` to every request.
    pub fn always(action: Action) -> Self {
        Self {
            method: None,
            path: None,
            after: 0,
            nth: None,
            every: None,
            probability: None,
            count: None,
            action,
        }
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut rules = Vec::new();
        for (at, rule) in text.split(';').map(str::trim).filter(|rule| !rule.is_empty()).enumerate() {
            rules.push(parse_rule(rule, at + 1)?);
        }
        Ok(Self { rules })
    }
}

fn parse_rule(text: &str, number: usize) -> Result<Rule, FaultError> {
    let shape = |problem| FaultError::Shape { rule: number, text: text.to_owned(), problem };
    let mut rule = Rule::always(Action::DropBefore);
    let mut action = None;
    for word in text.split_whitespace() {
        if action.is_some() {
            return Err(shape("goes on after its action"));
        }
        if METHODS.contains(&word.to_ascii_uppercase().as_str()) {
            rule.method = Some(word.to_ascii_uppercase());
        } else if word.starts_with('/') || word.starts_with('*') {
            rule.path = Some(word.to_owned());
        } else if !parse_selector(&mut rule, word, number)? {
            action = Some(parse_action(word, number)?);
        }
    }
    rule.action = action.ok_or_else(|| shape("has no action"))?;
    Ok(rule)
}

/// Reads `word` into `rule` when it is a selector; whether it was one.
fn parse_selector(rule: &mut Rule, word: &str, number: usize) -> Result<bool, FaultError> {
    let Some((name, value)) = word.split_once('=') else { return Ok(false) };
    let whole = || match value.parse::<u64>() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err(wrong_value(word, number, &format!("write a whole number above 0, such as `{name}=3`"))),
    };
    match name {
        "nth" => rule.nth = Some(whole()?),
        "every" => rule.every = Some(whole()?),
        "count" => rule.count = Some(whole()?),
        "after" => rule.after = whole()?,
        "p" => match value.parse::<f64>() {
            Ok(p) if (0.0..=1.0).contains(&p) => rule.probability = Some(p),
            _ => return Err(wrong_value(word, number, "write a probability from 0 to 1, such as `p=0.1`")),
        },
        _ => return Ok(false),
    }
    Ok(true)
}

fn parse_action(word: &str, number: usize) -> Result<Action, FaultError> {
    let time = |text: &str| {
        duration(text).ok_or_else(|| wrong_value(word, number, "write a time such as `50ms`, `2s` or `1m`"))
    };
    let argument = |text: Option<&str>, name: &str, default: u64| match text {
        None => Ok(Duration::from_secs(default)),
        Some(text) => match text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            Some(value) => time(value),
            None => Err(wrong_value(word, number, &format!("write `{name}=..` between the brackets"))),
        },
    };
    let (name, bracketed) = match word.strip_suffix(')').and_then(|w| w.split_once('(')) {
        Some((name, inside)) => (name, Some(inside)),
        None => (word, None),
    };
    match name {
        "429" => return argument(bracketed, "retry-after", 2).map(Action::TooMany),
        "403-secondary" => return argument(bracketed, "retry-after", 60).map(Action::Secondary),
        "403-primary" => return argument(bracketed, "reset", 30).map(Action::Primary),
        "stale" => return argument(bracketed, "lag", 2).map(Action::Stale),
        _ => {}
    }
    Ok(match word {
        "403-secondary-silent" => Action::SecondarySilent,
        "drop-before" => Action::DropBefore,
        "drop-after" => Action::DropAfter,
        "truncate" => Action::Truncate,
        "html" => Action::Html,
        "hang" => Action::Hang,
        "hang-after" => Action::HangAfter,
        "doubled" => Action::Doubled,
        "shift=edit" => Action::ShiftEdit,
        "shift=delete" => Action::ShiftDelete,
        _ => match word.split_once('=') {
            Some(("latency", value)) => Action::Latency(time(value)?),
            Some(("status", value)) => match value.parse() {
                Ok(status @ 400..=599) => Action::Status(status),
                _ => {
                    return Err(wrong_value(
                        word,
                        number,
                        "write a status from 400 to 599, such as `status=503`",
                    ));
                }
            },
            Some(("echo", value)) => match value.parse() {
                Ok(status @ (200 | 400..=599)) => Action::Echo(status),
                _ => return Err(wrong_value(word, number, "write 200 or a status from 400 to 599")),
            },
            Some(("redirect", url)) => Action::Redirect(url.to_owned()),
            Some(("lag", value)) => Action::Stale(time(value)?),
            Some(("shift", _)) => {
                return Err(wrong_value(word, number, "write `shift=edit` or `shift=delete`"));
            }
            _ => {
                let cure = format!(
                    "methods are {}, paths begin with `/` or `*`, selectors are nth=, every=, p=, count=, after=, \
                     actions are {ACTIONS}",
                    METHODS.join(", ")
                );
                return Err(FaultError::Unknown { word: word.to_owned(), rule: number, cure });
            }
        },
    })
}

fn wrong_value(word: &str, rule: usize, cure: &str) -> FaultError {
    FaultError::Value { word: word.to_owned(), rule, cure: cure.to_owned() }
}

/// `50ms`, `2s` or `1m`.
fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let value: u64 = text[..unit_at].parse().ok()?;
    match &text[unit_at..] {
        "ms" => Some(Duration::from_millis(value)),
        "s" => Some(Duration::from_secs(value)),
        "m" => value.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, rule) in self.rules.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            rule.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for word in [&self.method, &self.path].into_iter().flatten() {
            write!(f, "{word} ")?;
        }
        if self.after > 0 {
            write!(f, "after={} ", self.after)?;
        }
        for (name, value) in [("nth", self.nth), ("every", self.every), ("count", self.count)] {
            if let Some(value) = value {
                write!(f, "{name}={value} ")?;
            }
        }
        if let Some(p) = self.probability {
            write!(f, "p={p} ")?;
        }
        self.action.fmt(f)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |d: &Duration| {
            let ms = d.as_millis();
            if ms.is_multiple_of(1000) { format!("{}s", ms / 1000) } else { format!("{ms}ms") }
        };
        match self {
            Self::Latency(d) => write!(f, "latency={}", time(d)),
            Self::Status(status) => write!(f, "status={status}"),
            Self::TooMany(d) => write!(f, "429(retry-after={})", time(d)),
            Self::Secondary(d) => write!(f, "403-secondary(retry-after={})", time(d)),
            Self::Primary(d) => write!(f, "403-primary(reset={})", time(d)),
            Self::Stale(d) => write!(f, "stale(lag={})", time(d)),
            Self::SecondarySilent => f.write_str("403-secondary-silent"),
            Self::Echo(status) => write!(f, "echo={status}"),
            Self::Redirect(url) => write!(f, "redirect={url}"),
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfter => f.write_str("drop-after"),
            Self::Truncate => f.write_str("truncate"),
            Self::Html => f.write_str("html"),
            Self::ShiftEdit => f.write_str("shift=edit"),
            Self::ShiftDelete => f.write_str("shift=delete"),
            Self::Hang => f.write_str("hang"),
            Self::HangAfter => f.write_str("hang-after"),
            Self::Doubled => f.write_str("doubled"),
        }
    }
}
