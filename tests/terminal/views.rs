//! Finding cards: by what their bodies say, and by saved views that are there again after a restart.

use corkboard::sandbox::Seed;

use crate::term::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_view_and_the_filter_survive_a_restart() {
    let desk = Desk::new(Seed::Demo).await;
    let before = std::fs::read_to_string(desk.config_file()).expect("a config");
    let mut term = desk.board(100, 30);
    term.wait("the whole board", |s| s.contains("core#") && !s.contains("loading"));
    term.send("/is:closed\r");
    term.wait("what is hidden", |s| s.contains("/ is:closed") && s.contains(" of "));
    term.send("gs");
    term.wait_for("Save the filter as a view");
    term.send("\x15Finished\r");
    term.wait_for("▌Finished");
    let after = std::fs::read_to_string(desk.config_file()).expect("a config");
    let view = "\n[[view]]\nname = \"Finished\"\nquery = \"is:closed\"\n";
    assert_eq!(after.replace(view, ""), before, "nothing else changed");
    term.send("/ sort:title\r");
    term.wait_for("changed");
    term.send("q");
    assert_eq!(term.end().0, 0);

    let mut term = desk.board(40, 14);
    term.wait("the view, the filter and what it hides", |s| {
        s.contains("▌Finished")
            && s.contains('*')
            && s.contains("/ is:closed sort:title")
            && s.contains(" of ")
    });
    term.send("\t");
    term.wait_for("▌All");
    term.wait("nothing is hidden", |s| !s.contains("/ is:closed"));
    term.send("q");
    assert_eq!(term.end().0, 0);
    let mut term = desk.board(100, 30);
    term.wait_for("▌All");
    term.send("\tgS");
    term.wait_for("Remove the view Finished?");
    term.send("y");
    term.wait("no tabs", |s| !s.contains("▌Finished") && !s.contains("Remove the view"));
    term.send("q");
    assert_eq!(term.end().0, 0);
    assert_eq!(std::fs::read_to_string(desk.config_file()).expect("a config"), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_found_by_what_its_body_says() {
    let desk = Desk::new(Seed::Count(5)).await;
    let made =
        desk.run(&["card", "create", "--local", "--title", "Hidden gem", "--body", "crossed by a zebra"]);
    assert!(made.status.success());
    let mut term = desk.board(100, 30);
    term.wait("the whole board", |s| s.contains("core#") && !s.contains("loading"));
    term.send("/zebr");
    term.wait("the card, and why", |s| {
        s.contains("Hidden gem") && s.contains("1 in text") && s.contains("1 of 6")
    });
    term.send("\x15-zebra");
    term.wait("all but the card", |s| !s.contains("Hidden gem") && s.contains("5 of 6"));
    term.send("\x1b");
    term.wait_for("Hidden gem");
    term.send("q");
    assert_eq!(term.end().0, 0);
}
