//! What every tracker must do whose items have further fields (`Capabilities::further`), in the words of its
//! [`Further`]: fields that no card has by itself, named by a connection's rules as the platform names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use corkboard::connector::{Connector, Cursor, Holds, Outcome, Patch, RemoteItem, RemoteRef, Scope};
use corkboard::domain::fields::Value;

use crate::desk::Desk;
use crate::suite::{draft, item, pull, there};

/// What a desk brings along whose platform's items have further fields.
pub trait Further: Desk {
    /// A field that can be written and cleared, and two values it takes.
    const PLAIN: (&'static str, &'static str, &'static str);
    /// A field that takes the values of a list, one of them, and one that is none of them.
    const CHOICE: (&'static str, &'static str, &'static str);
    /// Words that occur in requests only where further fields are asked for or written.
    const TRACES: &'static [&'static str];

    /// A connector with a token that may write, whose rules name these fields.
    fn with_fields(&self, names: &[&str]) -> Arc<dyn Connector>;

    /// Somebody else gives an item's field a value at the platform's own pages; none empties it.
    fn give(&self, at: &RemoteRef, name: &str, value: Option<&str>);
}

/// Makes one test of each behaviour for a desk whose items have further fields.
macro_rules! further {
    ($desk:ty) => {
        crate::further::further!($desk;
            a_further_field_is_written_read_back_and_cleared,
            a_created_item_has_the_further_fields_it_was_given,
            a_further_field_somebody_else_edits_comes_with_the_pull,
            a_value_that_is_not_on_the_list_is_refused_in_words,
            nothing_more_is_asked_where_no_rule_names_a_field,
            what_is_on_offer_names_the_further_fields,
        );
    };
    ($desk:ty; $($behaviour:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                crate::further::$behaviour::<$desk>().await;
            }
        )+
    };
}
pub(crate) use further;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn raw(name: &str, value: Value) -> BTreeMap<String, Value> {
    BTreeMap::from([(name.to_owned(), value)])
}

fn with(name: &str, value: Value) -> Patch {
    Patch { raw: raw(name, value), ..Patch::default() }
}

/// Updates, and holds the answer against a fresh look.
async fn update(connector: &Arc<dyn Connector>, seen: &RemoteItem, patch: &Patch) -> RemoteItem {
    let answer = connector.tracker().unwrap().update(seen, patch).await.unwrap();
    let now = there(connector, seen).await;
    assert_eq!(answer.raw, now.raw, "the answer tells what is there");
    now
}

pub async fn a_further_field_is_written_read_back_and_cleared<D: Further>() {
    let desk = D::start(3).await;
    let ((plain, first, second), (choice, chosen, _)) = (D::PLAIN, D::CHOICE);
    let connector = desk.with_fields(&[plain, choice]);
    assert!(connector.capabilities().further);
    let mut seen = item(&desk, &connector, "item 2").await;
    assert_eq!(seen.raw.get(plain), Some(&Value::None), "empty is told from not read");
    for value in [text(first), text(second), Value::None, text(second)] {
        seen = update(&connector, &seen, &with(plain, value.clone())).await;
        assert_eq!(seen.raw[plain], value);
    }
    // Beside a field every card has, and without a word on what was not meant.
    let patch = Patch { title: Some("both at once".into()), ..with(choice, text(chosen)) };
    let now = update(&connector, &seen, &patch).await;
    assert_eq!((now.title.as_str(), &now.raw[choice]), ("both at once", &text(chosen)));
    assert_eq!(now.raw[plain], text(second), "what was not sent stays");
}

pub async fn a_created_item_has_the_further_fields_it_was_given<D: Further>() {
    let desk = D::start(1).await;
    let ((plain, first, _), (choice, chosen, _)) = (D::PLAIN, D::CHOICE);
    let connector = desk.with_fields(&[plain, choice]);
    let tracker = connector.tracker().unwrap();
    let (since, mut draft) = (desk.clock_now(), draft("with a field"));
    draft.raw = raw(plain, text(first));
    draft.raw.insert(choice.to_owned(), text(chosen));
    let made = tracker.create(&draft).await.unwrap();
    assert_eq!((&made.raw[plain], &made.raw[choice]), (&text(first), &text(chosen)));
    let found = tracker.find(draft.marker, since).await.unwrap().expect("found");
    assert_eq!(found.raw, made.raw);
    assert_eq!(desk.count("with a field"), 1);
}

pub async fn a_further_field_somebody_else_edits_comes_with_the_pull<D: Further>() {
    let desk = D::start(3).await;
    let (plain, first, second) = D::PLAIN;
    let connector = desk.with_fields(&[plain, "a field of no platform"]);
    let (mut end, items) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(items.iter().all(|i| i.raw == raw(plain, Value::None)), "what cannot be read is not there");
    for value in [Some(first), Some(second), None] {
        desk.clock().advance(3_600_000);
        desk.give(&items[1].at, plain, value);
        let (next, changed) = pull(&connector, &end.cursor).await.unwrap();
        let now = changed.iter().rfind(|i| i.at.id == items[1].at.id).expect("it changed");
        assert_eq!(now.raw, raw(plain, value.map_or(Value::None, text)));
        end = next;
    }
}

pub async fn a_value_that_is_not_on_the_list_is_refused_in_words<D: Further>() {
    let desk = D::start(2).await;
    let (choice, chosen, wrong) = D::CHOICE;
    let connector = desk.with_fields(&[choice]);
    let tracker = connector.tracker().unwrap();
    let seen = item(&desk, &connector, "item 1").await;
    let patch = Patch { title: Some("must not be sent".into()), ..with(choice, text(wrong)) };
    let refused = tracker.update(&seen, &patch).await.unwrap_err();
    assert_eq!((refused.scope, refused.outcome), (Scope::Item, Outcome::NotApplied), "{refused:?}");
    let told = format!("{} {}", refused.message, refused.help.as_deref().unwrap_or_default());
    assert!(told.contains(wrong) && told.contains(chosen), "it names what there is: {told}");
    assert_eq!(there(&connector, &seen).await.title, "item 1", "nothing of it was carried out");
    let mut draft = draft("must not be made");
    draft.raw = raw(choice, text(wrong));
    let refused = tracker.create(&draft).await.unwrap_err();
    assert_eq!((refused.scope, refused.outcome), (Scope::Item, Outcome::NotApplied), "{refused:?}");
    assert_eq!(desk.count("must not be made"), 0);
}

pub async fn nothing_more_is_asked_where_no_rule_names_a_field<D: Further>() {
    let desk = D::start(3).await;
    let plain = D::PLAIN.0;
    let mut asked = Vec::new();
    for names in [&[][..], &[plain][..]] {
        desk.sandbox().clear_requests();
        let connector = desk.with_fields(names);
        let seen = item(&desk, &connector, "item 2").await;
        assert_eq!(seen.raw.len(), names.len());
        let patch = Patch { title: Some(format!("with {} names", names.len())), ..Patch::default() };
        let now = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
        assert_eq!(now.raw.len(), names.len());
        desk.retitle(&seen.at, "item 2");
        asked.push(desk.sandbox().requests());
    }
    let plainly = &asked[0];
    for trace in D::TRACES {
        let tells =
            |r: &&corkboard::sandbox::Recorded| r.path.contains(trace) || r.request_body.contains(trace);
        assert!(plainly.iter().find(tells).is_none(), "{trace}");
        assert!(asked[1].iter().find(tells).is_some(), "{trace} is what tells them apart");
    }
    assert!(plainly.len() <= asked[1].len());
}

pub async fn what_is_on_offer_names_the_further_fields<D: Further>() {
    let desk = D::start(1).await;
    let offers = desk.connector(false).tracker().unwrap().offers().await.unwrap();
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let find = |name: &str| {
        let is_it = |f: &&corkboard::connector::PlatformField| {
            same(&f.name, name) || f.id.as_deref().is_some_and(|id| same(id, name))
        };
        offers.fields.iter().find(is_it).unwrap_or_else(|| panic!("{name} in {:?}", offers.fields))
    };
    assert!(find(D::PLAIN.0).writable);
    let (choice, chosen, wrong) = D::CHOICE;
    let choice = find(choice);
    assert!(choice.writable && choice.holds == Holds::Option, "{choice:?}");
    assert!(choice.options.iter().any(|o| o == chosen) && choice.options.iter().all(|o| o != wrong));
}
