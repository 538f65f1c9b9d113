//! The page of keys says what the keymap says, in both presets.

use std::fmt::Write as _;
use std::path::Path;

use super::*;

const BEGIN: &str = "<!-- keys: made by `CORKBOARD_BLESS=1 cargo test --lib the_page_of_keys` -->\n";
const END: &str = "<!-- end of keys -->\n";

/// One table for each layer, as the keymap has it.
fn tables() -> String {
    let [vim, standard] = [preset(Preset::Vim), preset(Preset::Standard)];
    let mut out = String::new();
    for layer in Layer::ALL {
        write!(out, "\n### {}: `{}`\n\n", layer.title(), layer.place()).expect("a text");
        out.push_str("| what it does | name | `vim` | `standard` |\n|---|---|---|---|\n");
        for (action, _) in vim.in_layer(layer) {
            let keys = |map: &Keymap| {
                let quoted =
                    map.chords_in(layer, action).iter().map(|c| format!("`{c}`").replace('|', "\\|"));
                quoted.collect::<Vec<_>>().join(" ")
            };
            writeln!(out, "| {} | `{action}` | {} | {} |", action.what(), keys(&vim), keys(&standard))
                .expect("a text");
        }
    }
    out.push('\n');
    out
}

#[test]
fn the_page_of_keys_is_what_the_keymap_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (head, rest) = page.split_once(BEGIN).expect("the page has a place for the tables");
    let (there, tail) = rest.split_once(END).expect("the tables end");
    let made = tables();
    if std::env::var_os("CORKBOARD_BLESS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{made}{END}{tail}")).expect("written");
        return;
    }
    assert_eq!(there, made, "run the test once with CORKBOARD_BLESS=1");
}
