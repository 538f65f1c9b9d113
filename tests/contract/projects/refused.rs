//! Further fields that are not there, values that no field takes, and writes that fail half way: what is said of each.

use super::further::{NAMES, raw};
use super::*;

fn patch(values: &[(&str, &str)]) -> Patch {
    Patch { raw: raw(values), ..Patch::default() }
}

async fn desk_with(items: usize) -> (Projects, Arc<dyn Connector>) {
    let desk = Projects::start(items).await;
    let connector = desk.with_names(ROAD, &NAMES);
    connector.probe().await.unwrap();
    (desk, connector)
}

#[tokio::test]
async fn a_value_that_no_field_takes_is_refused_in_words_before_anything_is_written() {
    let (desk, connector) = desk_with(1).await;
    let seen = item(&connector, &desk, 1).await;
    desk.sandbox.clear_requests();
    let cases = [
        (("Priority", "Hugest"), "no option `Hugest`; it has Low, Medium, High"),
        (("Iteration", "Someday"), "no iteration `Someday`; it has Iteration 2, Iteration 3, Iteration 1"),
        (("Estimate", "much"), "a number, not `much`"),
        (("Due", "soon"), "a day as YYYY-MM-DD, not `soon`"),
        (("Reviewers", "ana"), "`Reviewers` cannot be written"),
        (("Title", "x"), "`Title` cannot be written"),
        (("Status", "Done"), "is the column"),
        (("Effort", "3"), "no field `Effort`; it has Priority, Estimate, Due, Notes, Iteration"),
    ];
    for (value, words) in cases {
        // A good one beside it, a title and a move: none of them goes out.
        let all = Patch { title: Some("other".into()), raw: raw(&[("Notes", "x"), value]), ..to("Done") };
        let refused = connector.tracker().unwrap().update(&seen, &all).await.unwrap_err();
        let verdict = (refused.class, refused.scope, refused.outcome);
        assert_eq!(verdict, (Class::Configuration, Scope::Item, Outcome::NotApplied), "{refused:?}");
        assert!(refused.message.contains(words), "{}", refused.message);
        let new = Draft { raw: raw(&[value]), ..draft("never made", "Done") };
        let refused = connector.tracker().unwrap().create(&new).await.unwrap_err();
        assert_eq!(refused.outcome, Outcome::NotApplied, "{refused:?}");
        assert!(refused.message.contains(words), "{}", refused.message);
    }
    assert_eq!((desk.count("never made"), desk.value(1, "Notes")), (0, None));
    assert!(desk.sandbox.writes().iter().all(|w| !w.request_body.contains("mutation")));
}

#[tokio::test]
async fn options_and_iterations_that_were_made_anew_are_found_again_by_name() {
    let (desk, connector) = desk_with(2).await;
    let seen = item(&connector, &desk, 1).await;
    let tracker = connector.tracker().unwrap();
    let first = [("Priority", "Low"), ("Iteration", "Iteration 2"), ("Estimate", "1")];
    let seen = tracker.update(&seen, &patch(&first)).await.unwrap();
    for field in ["Priority", "Iteration"] {
        assert!(desk.web().regenerate_project_choices(ROAD, field, true));
    }
    desk.sandbox.clear_requests();
    let second = [("Priority", "High"), ("Iteration", "Iteration 1"), ("Estimate", "2")];
    let seen = tracker.update(&seen, &patch(&second)).await.unwrap();
    assert_eq!(seen.raw["Priority"].as_text(), Some("High"));
    for (field, value) in second {
        assert_eq!(desk.value(1, field).as_deref(), Some(value));
    }
    let sent = |desk: &Projects| {
        let writes = desk.sandbox.writes();
        writes.iter().map(|w| w.request_body.clone()).filter(|b| b.contains("mutation")).collect::<Vec<_>>()
    };
    let sent = sent(&desk);
    assert_eq!(sent.len(), 2, "once more, and only what was refused");
    assert!(sent[1].contains("m1:") && !sent[1].contains("m2:"), "{}", sent[1]);
    assert!(sent.iter().all(|body| !body.contains("singleSelectOptions")));
    // One that has another name now is refused with the names there are.
    assert!(desk.web().rename_project_choice(ROAD, "Priority", "Low", "Later"));
    assert!(desk.web().regenerate_project_choices(ROAD, "Priority", true));
    let late = tracker.update(&seen, &patch(&[("Priority", "Low")])).await.unwrap_err();
    assert!(late.message.contains("it has Later, Medium, High"), "{}", late.message);
    assert_eq!(desk.value(1, "Priority").as_deref(), Some("High"));
    let answer = tracker.update(&seen, &patch(&[("Priority", "Later")])).await.unwrap();
    assert_eq!(answer.raw["Priority"].as_text(), Some("Later"));
}

#[tokio::test]
async fn a_field_that_is_gone_is_said_once_and_its_values_are_not_taken_for_empty() {
    let (desk, connector) = desk_with(3).await;
    for number in 1..=3 {
        assert!(desk.web().set_project_value(ROAD, REPO, number, "Priority", Some("High")));
    }
    let (mut end, _, said) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(said.is_empty(), "{said:?}");
    desk.clock.advance(3_600_000);
    assert!(desk.web().rename_project_field(ROAD, "Priority", "Urgency"));
    let mut told = Vec::new();
    for _ in 0..3 {
        let (next, items, said) = pull(&connector, &end.cursor).await.unwrap();
        assert!(
            items.iter().all(|i| !i.raw.contains_key("Priority") && i.raw.contains_key("Notes")),
            "{items:?}"
        );
        told.extend(said);
        end = next;
        desk.clock.advance(60_000);
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("no field `Priority`; it has Urgency, Estimate"), "{told:?}");
    let seen = item(&connector, &desk, 1).await;
    assert!(!seen.raw.contains_key("Priority"), "{seen:?}");
    let moved = connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap();
    assert!(!moved.raw.contains_key("Priority"), "{moved:?}");
    let refused =
        connector.tracker().unwrap().update(&seen, &patch(&[("Priority", "Low")])).await.unwrap_err();
    assert!(refused.message.contains("no field `Priority`"), "{refused:?}");
    // It comes back: so do its values, and when it goes again that is said again.
    assert!(desk.web().rename_project_field(ROAD, "Urgency", "Priority"));
    let (end, items, said) = pull(&connector, &end.cursor).await.unwrap();
    assert!(said.is_empty() && items.len() == 3, "{items:?} {said:?}");
    assert!(items.iter().all(|i| i.raw["Priority"] == Value::Text("High".into())), "{items:?}");
    assert!(desk.web().delete_project_field(ROAD, "Priority"));
    let (_, items, said) = pull(&connector, &end.cursor).await.unwrap();
    assert!(said.len() == 1 && items.iter().all(|i| !i.raw.contains_key("Priority")), "{items:?} {said:?}");
}

#[tokio::test]
async fn a_field_of_a_kind_that_is_not_read_is_said_so_and_left_alone() {
    let desk = Projects::start(1).await;
    let connector = desk.with_names(ROAD, &["Repository", "Reviewers", "Notes"]);
    let (end, items, said) = pull(&connector, &Cursor::default()).await.unwrap();
    assert_eq!(items[0].raw, raw(&[("Notes", "")]));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|words| words.contains("cannot be read here")), "{said:?}");
    let (_, _, said) = pull(&connector, &end.cursor).await.unwrap();
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
async fn a_field_added_on_the_web_is_found_without_a_restart() {
    let desk = Projects::start(1).await;
    let connector = desk.with_names(ROAD, &["Effort"]);
    let (end, items, said) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(items[0].raw.is_empty() && said.len() == 1, "{items:?} {said:?}");
    assert!(desk.web().add_project_field(ROAD, "Effort"));
    let seen = item(&connector, &desk, 1).await;
    let answer = connector.tracker().unwrap().update(&seen, &patch(&[("Effort", "some")])).await.unwrap();
    assert_eq!(answer.raw["Effort"].as_text(), Some("some"));
    let (_, items, said) = pull(&connector, &end.cursor).await.unwrap();
    assert!(items.iter().all(|i| i.raw["Effort"].as_text() == Some("some")) && said.is_empty(), "{items:?}");
}

#[tokio::test]
async fn values_that_were_written_in_part_leave_a_doubt_and_say_which() {
    let (desk, connector) = desk_with(2).await;
    let seen = item(&connector, &desk, 1).await;
    let tracker = connector.tracker().unwrap();
    tracker.update(&seen, &patch(&[("Notes", "first")])).await.unwrap();
    // Gone since the fields were read: one part is refused, the other is set.
    assert!(desk.web().delete_project_field(ROAD, "Estimate"));
    let both = patch(&[("Estimate", "5"), ("Notes", "second")]);
    let failed = tracker.update(&seen, &both).await.unwrap_err();
    assert_eq!((failed.outcome, failed.scope), (Outcome::Unknown, Scope::Item), "{failed:?}");
    assert!(failed.message.contains("no field `Estimate`"), "{failed:?}");
    assert_eq!(desk.value(1, "Notes").as_deref(), Some("second"), "a fresh look tells");
    let now = item(&connector, &desk, 1).await;
    assert_eq!(now.raw["Notes"].as_text(), Some("second"));
    let failed = tracker.update(&now, &patch(&[("Estimate", "5")])).await.unwrap_err();
    assert_eq!(failed.outcome, Outcome::NotApplied, "{failed:?}");
}

#[tokio::test]
async fn values_whose_answer_is_lost_are_in_doubt_and_those_behind_a_title_too() {
    let (desk, connector) = desk_with(2).await;
    let seen = item(&connector, &desk, 1).await;
    let tracker = connector.tracker().unwrap();
    desk.sandbox.set_faults("POST /graphql nth=2 drop-after".parse().unwrap());
    let lost = tracker.update(&seen, &patch(&[("Notes", "lost")])).await.unwrap_err();
    assert_eq!(lost.outcome, Outcome::Unknown, "{lost:?}");
    desk.sandbox.set_faults("POST /graphql nth=2 status=403".parse().unwrap());
    let titled = Patch { title: Some("other".into()), ..patch(&[("Notes", "never")]) };
    let failed = tracker.update(&seen, &titled).await.unwrap_err();
    assert_eq!(failed.outcome, Outcome::Unknown, "{failed:?}");
    assert_eq!(desk.sandbox.issue(REPO, 1).unwrap().title, "other");
}

#[tokio::test]
async fn a_card_that_was_made_without_its_values_gets_them_when_it_is_found() {
    for faults in [
        "POST /graphql nth=3 status=500",
        "POST /graphql nth=3 drop-after",
        "POST /graphql nth=2 drop-before",
    ] {
        let (desk, connector) = desk_with(1).await;
        item(&connector, &desk, 1).await;
        let (since, new) =
            (desk.clock.now(), Draft { raw: raw(&further::ALL), ..draft("half made", "In Review") });
        desk.sandbox.set_faults(faults.parse().unwrap());
        let lost = connector.tracker().unwrap().create(&new).await.unwrap_err();
        assert_eq!(lost.outcome, Outcome::Unknown, "{faults}: {lost:?}");
        desk.sandbox.set_faults("".parse().unwrap());
        desk.clock.advance(120_000);
        let found = connector.tracker().unwrap().find(new.marker, since).await.unwrap().expect("made");
        assert_eq!((found.raw, desk.count("half made")), (raw(&further::ALL), 1), "{faults}");
    }
}

#[tokio::test]
async fn issues_without_a_project_have_no_further_fields_and_say_so() {
    let desk = Projects::start(1).await;
    let url = desk.sandbox.url();
    let credential = Credential::bearer(&SecretString::from(ADMIN_TOKEN));
    let options = GithubOptions {
        api_url: url.parse().unwrap(),
        repository: REPO.into(),
        project: None,
        port: desk::port(&url.parse().unwrap(), &desk.clock, &credential),
        overlap: OVERLAP,
    };
    let plain = GithubConnector::new(options).unwrap().with_further(vec!["Priority".into()]);
    let plain: Arc<dyn Connector> = Arc::new(plain);
    assert!(!plain.capabilities().further);
    let (_, items, said) = pull(&plain, &Cursor::default()).await.unwrap();
    assert!(items[0].raw.is_empty() && said.is_empty(), "{items:?} {said:?}");
    let offers = plain.tracker().unwrap().offers().await.unwrap();
    assert!(offers.fields.is_empty());
    let new = Draft { raw: raw(&[("Priority", "High")]), ..draft("never made", "Done") };
    let made = plain.tracker().unwrap().create(&new).await.unwrap_err();
    let changed =
        plain.tracker().unwrap().update(&items[0], &patch(&[("Priority", "High")])).await.unwrap_err();
    for refused in [made, changed] {
        assert_eq!(refused.message, "issues on GitHub have no further fields; name a `project`");
        assert_eq!((refused.scope, refused.outcome), (Scope::Item, Outcome::NotApplied));
    }
    assert_eq!(desk.count("never made"), 0);
    assert!(desk.sandbox.requests().iter().all(|r| !r.path.contains("graphql")));
}
