//! What is told of a panic: a report on standard error, without tokens and without anything a terminal could act on.

use color_eyre::config::{HookBuilder, Theme};

use super::{log, output};

/// Lets panics and reports be told by us. A second call, as in tests, finds half of it installed; that is no trouble.
pub(super) fn install() {
    // Without colours: the words of a panic may be a server's, and escape sequences in them are made visible.
    let (of_panics, of_errors) = HookBuilder::default().theme(Theme::new()).into_hooks();
    let _ = of_errors.install();
    std::panic::set_hook(Box::new(move |info| {
        output::complain(&told(&of_panics.panic_report(info).to_string()));
    }));
}

/// A report as it may be shown.
fn told(report: &str) -> String {
    let mut out = String::with_capacity(report.len());
    for line in report.lines() {
        out.push_str(&log::cleaned(line));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use secrecy::SecretString;

    use super::*;

    #[test]
    fn the_report_of_a_panic_holds_no_token() {
        const TOKEN: &str = "a.token+of/nobody==";
        log::keep_out(&SecretString::from(TOKEN));
        let (hook, _) = HookBuilder::default().theme(Theme::new()).into_hooks();
        let seen = Arc::new(Mutex::new(String::new()));
        let (sink, former) = (seen.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |info| {
            // Other tests may panic on purpose meanwhile.
            let report = hook.panic_report(info).to_string();
            if report.contains("sent with") {
                *sink.lock().expect("not poisoned") = report;
            }
        }));
        let panicked = std::panic::catch_unwind(|| panic!("sent with Bearer {TOKEN}\u{1b}[2J"));
        std::panic::set_hook(former);
        assert!(panicked.is_err());
        let raw = seen.lock().expect("not poisoned").clone();
        assert!(raw.contains(TOKEN), "it would be told: {raw}");
        let told = told(&raw);
        assert!(!told.contains(TOKEN) && told.contains("Bearer [redacted]"), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}
