//! An alert is heard at the terminal, once.

use corkboard::sandbox::Seed;

use crate::term::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_begins_is_heard_once() {
    for (how, heard) in
        [("bell = true", "\u{7}"), ("notify = true", "\u{1b}]9;Corkboard, core: 1 item waits for you\u{7}")]
    {
        let desk = Desk::new(Seed::Count(3)).await;
        let config = std::fs::read_to_string(desk.config_file()).expect("a config");
        std::fs::write(desk.config_file(), format!("[alerts]\n{how}\n{config}")).expect("written");
        let term = desk.board(100, 30);
        term.wait_for("core#1");
        desk.sandbox.set_faults("PATCH */issues/1 status=422".parse().expect("faults"));
        assert!(desk.run(&["card", "edit", "#1", "--title", "Refused there"]).status.success());
        term.wait_written(heard);
        // It goes on; what befalls another card is no new beginning.
        assert!(desk.run(&["card", "edit", "#2", "--title", "Taken there"]).status.success());
        let taken = desk
            .sandbox
            .wait_for(crate::term::DEADLINE, |s| {
                s.issue(crate::term::REPO, 2).is_some_and(|i| i.title == "Taken there")
            })
            .await;
        assert!(taken);
        term.wait_for("Taken there");
        // A change that waits for a person would make `q` ask.
        term.signal("TERM");
        let (_, raw) = term.end();
        let times = raw.windows(heard.len()).filter(|w| *w == heard.as_bytes()).count();
        assert_eq!(times, 1, "{how}");
    }
}
