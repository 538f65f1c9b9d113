//! What a person is offered who comes for the first time: to connect the repository at hand, to try the demo, to keep a
//! local board, or to be shown around. There is nothing to read before.

use super::effect::{Effect, Next};
use super::screens::Modal;
use super::screens::palette::Entry;
use super::screens::question::{Answer, Choice, Question};
use super::state::State;
use crate::config::keymap::Action;

/// What is known of where a person stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Welcome {
    /// The repository on GitHub that the folder belongs to, as people write it: `octo/app`.
    pub repository: Option<String>,
}

/// Puts the offer over the board.
pub fn greet(state: &mut State, welcome: &Welcome) {
    let choice = |key, text: String, answer| Choice { key, text, note: None, answer };
    let mut choices = Vec::new();
    let mut lines = vec![
        "A board in this terminal, fast and local; connected to a tracker it keeps both in step.".to_owned(),
    ];
    match &welcome.repository {
        Some(repository) => choices.push(choice(
            'c',
            format!("connect {repository}, the repository of this folder"),
            Answer::Effects(vec![Effect::LeaveFor(Next::Connect)]),
        )),
        None => lines.push(
            "Started in the folder of a GitHub repository it offers to connect that; `corkboard init` does it later."
                .to_owned(),
        ),
    }
    choices.push(choice(
        'd',
        "try the demo: simulated, no account, nothing is kept".to_owned(),
        Answer::Effects(vec![Effect::LeaveFor(Next::Demo)]),
    ));
    choices.push(choice('l', "keep a local board".to_owned(), Answer::Nothing));
    choices.push(choice(
        't',
        "keep a local board, and be shown around".to_owned(),
        Answer::Run(Entry::Do(Action::Tour)),
    ));
    state.modals.push(Modal::Question(Question::new("Welcome to Corkboard", lines, choices, 0)));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::config::Settings;
    use crate::domain::board::Board;
    use crate::tui::fixture;

    fn greeted(repository: Option<&str>, width: u16, height: u16) -> State {
        let settings = Settings::default();
        let board = Board::new("Corkboard", settings.columns.iter().cloned());
        let mut state = fixture::state_with(board, settings, width, height);
        state.health.clear();
        greet(&mut state, &Welcome { repository: repository.map(str::to_owned) });
        state
    }

    #[test]
    fn a_newcomer_is_offered_what_there_is() {
        assert_snapshot!("welcome-80x24", fixture::picture(&greeted(Some("octo/app"), 80, 24)));
        assert_snapshot!("welcome-alone-60x18", fixture::picture(&greeted(None, 60, 18)));
    }

    #[test]
    fn each_offer_does_what_it_says() {
        let after = |key: char| {
            let mut state = greeted(Some("octo/app"), 80, 24);
            let effects = fixture::press(&mut state, &key.to_string());
            (effects, state.modals.is_empty(), state.tour.is_some())
        };
        assert_eq!(after('c'), (vec![Effect::LeaveFor(Next::Connect)], true, false));
        assert_eq!(after('d'), (vec![Effect::LeaveFor(Next::Demo)], true, false));
        assert_eq!(after('l'), (vec![], true, false));
        let (_, closed, tour) = after('t');
        assert!(closed && tour);
    }
}
