//! The table of `docs/integration/README.md`: what `doctor` finds where, made from the cases that prove it.

use std::fmt::Write as _;
use std::path::Path;

use corkboard::connector::Trouble;

use super::{NOWHERE, all};
use crate::places::On;

const BEGIN: &str = "<!-- doctor: made by `CORKBOARD_BLESS=1 cargo test --test cli doctor::table` -->\n";
const END: &str = "<!-- /doctor -->\n";

fn cell(trouble: Trouble, on: On) -> String {
    let mut docs: Vec<&str> = Vec::new();
    let cases = all(trouble);
    for case in cases.iter().filter(|c| c.on == on && c.trouble == trouble) {
        if !case.doc.is_empty() && !docs.contains(&case.doc) {
            docs.push(case.doc);
        }
    }
    let nowhere = NOWHERE.iter().find(|(t, o, _)| (*t, *o) == (trouble, on));
    match (docs.is_empty(), nowhere) {
        (false, None) => docs.join("; "),
        (true, Some((.., why))) => format!("– ({why})"),
        (true, None) => panic!("{trouble:?} is looked for on {on:?} by no case, and nothing says why"),
        (false, Some(_)) => {
            panic!("{trouble:?} on {on:?} is said to make no sense, and there is a case of it")
        }
    }
}

fn table() -> String {
    let mut out = String::from("| |");
    On::ALL.iter().for_each(|on| write!(out, " {} |", on.name()).expect("written"));
    out.push_str("\n|---|");
    On::ALL.iter().for_each(|_| out.push_str("---|"));
    out.push('\n');
    for trouble in Trouble::ALL {
        write!(out, "| {} |", trouble.words()).expect("written");
        On::ALL.iter().for_each(|on| write!(out, " {} |", cell(trouble, *on)).expect("written"));
        out.push('\n');
    }
    out
}

#[test]
fn the_table_of_the_integration_page_is_what_the_cases_prove() {
    let made = table();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integration/README.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (head, rest) = page.split_once(BEGIN).expect("the page has a place for the table");
    let (there, tail) = rest.split_once(END).expect("the table ends");
    if std::env::var_os("CORKBOARD_BLESS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{made}{END}{tail}")).expect("written");
        return;
    }
    assert_eq!(there, made, "run the test once with CORKBOARD_BLESS=1");
}
