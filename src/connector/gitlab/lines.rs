//! Lines that GitLab would carry out: a text that came from elsewhere may have `/close` on a line of its own. A backslash
//! in front is no letter of the text in Markdown, and keeps GitLab from taking the line for a quick action.

/// A text as it is sent: lines outside code that begin with `/` and a letter get a backslash in front. One that has
/// backslashes there already gets one more, so that [`spoken`] gives back what was there.
pub(super) fn held(text: &str) -> String {
    per_line(text, |line| {
        if begins_command(line.trim_start_matches('\\')) { Some(format!("\\{line}")) } else { None }
    })
}

/// A text as it was before it was sent. One that was written on GitLab and has no such backslash stays as it is.
pub(super) fn spoken(text: &str) -> String {
    per_line(text, |line| {
        let rest = line.strip_prefix('\\')?;
        begins_command(rest.trim_start_matches('\\')).then(|| rest.to_owned())
    })
}

fn begins_command(line: &str) -> bool {
    line.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Changes lines outside fenced code; inside it GitLab carries nothing out, and a backslash would be seen.
fn per_line(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut fence: Option<(char, usize)> = None;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let marks = line.trim_start_matches(' ');
        let indent = line.len() - marks.len();
        let mark = marks.chars().next().filter(|c| matches!(c, '`' | '~') && indent < 4);
        let length = mark.map_or(0, |mark| marks.chars().take_while(|c| *c == mark).count());
        match (fence, mark) {
            (None, Some(mark)) if length >= 3 => fence = Some((mark, length)),
            (Some((open, long)), Some(mark)) if mark == open && length >= long => {
                let ends = marks.trim_end().chars().all(|c| c == mark);
                fence = fence.filter(|_| !ends);
            }
            _ => {}
        }
        match change(line).filter(|_| fence.is_none()) {
            Some(changed) => out.push_str(&changed),
            None => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_that_would_be_carried_out_is_only_text() {
        for (text, sent) in [
            ("Then\n/close\nand wait", "Then\n\\/close\nand wait"),
            ("/label ~bug", "\\/label ~bug"),
            ("\\/close", "\\\\/close"),
            ("a /close b\n/ 2\n//x", "a /close b\n/ 2\n//x"),
            ("```\n/close\n```\n/close", "```\n/close\n```\n\\/close"),
            ("~~~~\n```\n/close\n~~~~\n/due", "~~~~\n```\n/close\n~~~~\n\\/due"),
        ] {
            assert_eq!(held(text), sent);
            assert_eq!(spoken(sent), text);
        }
        assert_eq!(spoken("/etc/hosts"), "/etc/hosts", "as GitLab leaves what is no command of its own");
    }

    proptest! {
        #[test]
        fn what_is_sent_reads_back(text in "([/\\\\a` ~]{0,5}(close|\n|```\n)){0,6}") {
            prop_assert_eq!(spoken(&held(&text)), text);
        }
    }
}
