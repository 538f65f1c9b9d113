//! The loop: waits for something to happen, takes all that has happened, and draws once. It has no tick: while
//! nothing happens it sleeps, and nothing is written.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::Event as TerminalEvent;
use futures::poll;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::abilities::Abilities;
use super::decode::{Heard, Report};
use super::dispatch::{Backend, dispatch};
use super::effect::{Effect, Next};
use super::hyperlinks;
use super::ink::{self, Inks};
use super::quiet::Quiet;
use super::state::{Setup, State, Tone};
use super::theme::{Depth, Glyphs};
use super::update::{Event, next_wake, update};
use super::view;
use super::welcome::{self, Welcome};
use crate::config::Settings;
use crate::config::keymap::KeymapError;
use crate::config::settings::Hyperlinks;
use crate::domain::board::Board;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::SharedClock;

mod bell;
mod frames;
mod input;
mod outside;
mod pace;
mod question;
mod signals;
mod terminal;
mod title;

use frames::{Frames, Sink};
use input::Input;
use outside::{CLIPBOARD_MAX, Clipboard};
use pace::Pace;
pub use question::speaks_kitty;
use signals::{Signal, Signals};
use terminal::Guard;

/// How many events are taken between two frames at most, so that a flood cannot starve the picture.
const BATCH: usize = 512;

/// How long the terminal's answer is waited for when we leave before it came: over a slow link it would be typed into
/// the shell.
const ANSWER: Duration = Duration::from_millis(400);
/// A terminal that has not answered for so long will not.
const NO_ANSWER: Duration = Duration::from_secs(3);
/// How many answers of the threads that look at code may wait.
const INKED: usize = 4;

/// What the front end is started with.
pub struct FrontOptions {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The first page of the board: the top cards of each column. The whole comes as [`Update::Loaded`].
    pub board: Board,
    /// The engine.
    pub backend: Arc<dyn Backend>,
    /// What the engine tells.
    pub updates: mpsc::Receiver<Update>,
    /// The connections' health.
    pub health: watch::Receiver<Vec<Health>>,
    /// The clock.
    pub clock: SharedClock,
    /// The person's own logins, as far as they are known.
    pub me: Vec<String>,
    /// How a person left the board.
    pub remembered: BTreeMap<String, String>,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// What a person is offered who comes for the first time.
    pub welcome: Option<Welcome>,
}

/// Why the front end cannot run, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// The bindings clash.
    #[error(transparent)]
    Keymap(#[from] KeymapError),
    /// The terminal does not do what it is asked.
    #[error("the terminal cannot be used")]
    Terminal(#[source] io::Error),
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A person left.
    Quit,
    /// A person left for something else.
    For(Next),
    /// The terminal or the system asked: SIGTERM, SIGHUP, or no more input.
    Told,
}

/// Everything the loop holds.
struct Front {
    state: State,
    backend: Arc<dyn Backend>,
    clock: SharedClock,
    updates: mpsc::Receiver<Update>,
    health: watch::Receiver<Vec<Health>>,
    signals: Signals,
    troubles: mpsc::Receiver<String>,
    input: Option<Input>,
    inked: (mpsc::Sender<Inks>, mpsc::Receiver<Inks>),
    frames: Frames,
    terminal: Terminal<Quiet<CrosstermBackend<Sink>>>,
    guard: Guard,
    /// What the terminal is.
    abilities: Abilities,
    /// When the terminal was asked what it can; `None` when there is no answer to come.
    asked: Option<Instant>,
    /// The title that was last set.
    title: Option<String>,
    /// Whether the picture is not the state's, and when it may be drawn.
    pace: Pace,
    /// Whether we stopped ourselves: the signal that let us go on has been answered.
    stopped: bool,
}

/// Runs the front end until it is left. Must be polled by one thread all the time (`block_on`), so that a panic of
/// the loop can be told from one of a task. The terminal is as it was when this returns.
pub async fn run(options: FrontOptions) -> Result<Left, FrontError> {
    let size = crossterm::terminal::size().map_err(FrontError::Terminal)?;
    let mut health = options.health;
    let abilities = Abilities::here();
    let mut state = State::new(Setup {
        settings: options.settings,
        board: options.board,
        health: health.borrow_and_update().clone(),
        me: options.me,
        now: options.clock.now(),
        remembered: options.remembered,
        depth: options.depth,
        size,
    })?;
    suit(&mut state, &abilities);
    if let Some(welcome) = &options.welcome {
        welcome::greet(&mut state, welcome);
    }
    let titled = state.settings.ui.title && abilities.is_modern();
    let (guard, troubles) = Guard::take(state.takes_mouse(), titled).map_err(FrontError::Terminal)?;
    let (frames, sink) = Frames::start(abilities.is_modern()).map_err(FrontError::Terminal)?;
    let backend = Quiet::new(CrosstermBackend::new(sink));
    let mut front = Front {
        state,
        backend: options.backend,
        clock: options.clock,
        updates: options.updates,
        health,
        signals: Signals::listen().map_err(FrontError::Terminal)?,
        troubles,
        input: Some(Input::open(abilities.remote).map_err(FrontError::Terminal)?),
        inked: mpsc::channel(INKED),
        frames,
        terminal: Terminal::new(backend).map_err(FrontError::Terminal)?,
        guard,
        abilities,
        asked: None,
        title: None,
        pace: Pace::default(),
        stopped: false,
    };
    front.pace.by_hand();
    front.ask();
    let left = front.turn().await;
    front.hear_answer().await;
    front.input = None;
    if front.frames.finish().await {
        front.guard.restore();
    } else {
        front.guard.abandon();
    }
    left
}

/// Draws what the terminal can show, whatever the settings would like; says so where a person could change it.
fn suit(state: &mut State, abilities: &Abilities) {
    if abilities.ascii.is_none() || state.glyphs.ascii {
        return;
    }
    state.glyphs = Glyphs::ASCII;
    if let Some(told) = abilities.told() {
        state.say(Tone::Warn, told);
    }
}

/// What the loop woke for.
enum Woke {
    Terminal(TerminalEvent),
    Report(Report),
    /// A frame that had to wait is due.
    FrameDue,
    Update(Update),
    Health,
    Signal(Signal),
    Trouble(String),
    Inked(Inks),
    FrameDone,
    Clock,
    /// No more input: the terminal is gone.
    Gone,
    /// The engine is gone; what is on the screen stays usable.
    EngineGone,
}

impl From<Heard> for Woke {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::Event(event) => Self::Terminal(event),
            Heard::Report(report) => Self::Report(report),
        }
    }
}

impl Front {
    async fn turn(&mut self) -> Result<Left, FrontError> {
        let mut engine_gone = false;
        loop {
            self.draw()?;
            let mut woke = Some(self.wait(engine_gone).await);
            let mut taken = 0;
            while let Some(event) = woke {
                engine_gone |= matches!(event, Woke::EngineGone);
                match event {
                    Woke::Update(_) | Woke::Health => self.pace.remotely(),
                    Woke::FrameDone | Woke::FrameDue | Woke::Report(_) => {}
                    _ => self.pace.by_hand(),
                }
                if let Some(left) = self.take(event).await? {
                    return Ok(left);
                }
                taken += 1;
                woke = if taken < BATCH { self.ready(engine_gone).await } else { None };
            }
        }
    }

    /// Sleeps until something happens.
    async fn wait(&mut self, engine_gone: bool) -> Woke {
        let sleep = next_wake(&self.state).map(|at| at.since(self.clock.now()).max(0));
        // Age words do not matter enough to wake a second early or late; edges of a drag come within 120 ms.
        let sleep = sleep.map(|ms| Duration::from_millis(ms as u64 + 1));
        // While a frame is under way, its end is what wakes us.
        let due = if self.frames.is_idle() { self.pace.wait(Instant::now()) } else { None };
        let Self { updates, health, signals, troubles, input, inked, frames, .. } = self;
        let input = async {
            match input {
                Some(input) => input.next().await,
                None => std::future::pending().await,
            }
        };
        let after = async |time: Option<Duration>| match time {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        };
        tokio::select! {
            biased;
            signal = signals.next() => Woke::Signal(signal),
            event = input => match event {
                Ok(heard) => Woke::from(heard),
                Err(_) => Woke::Gone,
            },
            () = frames.done() => Woke::FrameDone,
            told = updates.recv(), if !engine_gone => told.map_or(Woke::EngineGone, Woke::Update),
            changed = health.changed(), if !engine_gone => changed.map_or(Woke::EngineGone, |()| Woke::Health),
            Some(trouble) = troubles.recv() => Woke::Trouble(trouble),
            Some(inks) = inked.1.recv() => Woke::Inked(inks),
            () = after(due) => Woke::FrameDue,
            () = after(sleep) => Woke::Clock,
        }
    }

    /// The next thing that has already happened; waits for nothing.
    async fn ready(&mut self, engine_gone: bool) -> Option<Woke> {
        if let Some(input) = &mut self.input
            && let Poll::Ready(event) = poll!(std::pin::pin!(input.next()))
        {
            return Some(event.map_or(Woke::Gone, Woke::from));
        }
        if engine_gone {
            return None;
        }
        if let Ok(told) = self.updates.try_recv() {
            return Some(Woke::Update(told));
        }
        self.health.has_changed().unwrap_or(false).then_some(Woke::Health)
    }

    async fn take(&mut self, woke: Woke) -> Result<Option<Left>, FrontError> {
        let event = match woke {
            Woke::Terminal(TerminalEvent::Key(key)) => Event::Key(key),
            Woke::Terminal(TerminalEvent::Paste(text)) => Event::Paste(text),
            Woke::Terminal(TerminalEvent::Mouse(mouse)) => Event::Mouse(mouse),
            Woke::Update(told) => Event::Engine(Box::new(told)),
            Woke::Health => {
                let health = self.health.borrow_and_update().clone();
                let how = self.state.settings.alerts;
                self.frames.queue(&bell::ring(&self.state.health, &health, &how, &self.abilities));
                Event::Health(health)
            }
            Woke::Trouble(text) => Event::Told(Tone::Error, text),
            Woke::Clock => Event::Wake,
            Woke::Inked(inks) => Event::Inked(inks),
            Woke::Report(report) => {
                self.answered(report);
                return Ok(None);
            }
            Woke::FrameDone
            | Woke::FrameDue
            | Woke::Terminal(TerminalEvent::FocusGained | TerminalEvent::FocusLost) => return Ok(None),
            Woke::Gone | Woke::Signal(Signal::Leave | Signal::Interrupt) => return Ok(Some(Left::Told)),
            Woke::Signal(Signal::Stop) => return self.suspend().await.map(|()| None),
            Woke::Signal(Signal::Resize) | Woke::Terminal(TerminalEvent::Resize(..)) => {
                let (width, height) = crossterm::terminal::size().map_err(FrontError::Terminal)?;
                Event::Resize(width, height)
            }
            Woke::Signal(Signal::Continue) if std::mem::take(&mut self.stopped) => return Ok(None),
            Woke::Signal(Signal::Continue) => return self.come_back().map(|()| None),
            Woke::EngineGone => Event::Told(Tone::Error, "the engine stopped: changes are not kept".into()),
        };
        self.feed(event).await
    }

    /// Gives the state an event and carries out what it asks for.
    async fn feed(&mut self, event: Event) -> Result<Option<Left>, FrontError> {
        let now = self.clock.now();
        for effect in update(&mut self.state, now, event) {
            if let Some(left) = self.carry_out(effect).await? {
                return Ok(Some(left));
            }
        }
        Ok(None)
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<Option<Left>, FrontError> {
        match dispatch(&*self.backend, effect) {
            Some(Effect::Quit) => return Ok(Some(Left::Quit)),
            Some(Effect::LeaveFor(next)) => return Ok(Some(Left::For(next))),
            Some(Effect::Suspend) => self.suspend().await?,
            Some(Effect::Redraw) => self.clear()?,
            Some(Effect::SetMouse(_)) => self.set_mouse(),
            Some(Effect::Copy(text)) => {
                let (tone, told) = self.copy(&text);
                self.state.say(tone, told);
            }
            Some(Effect::Ink(blocks)) => {
                let answer = self.inked.0.clone();
                // Takes longer than a key may. Whoever has left meanwhile wants no answer.
                tokio::task::spawn_blocking(move || answer.blocking_send(ink::all(blocks)).ok());
            }
            Some(Effect::OpenUrl(url)) => match outside::open_url(&url) {
                outside::Opened::Browser => self.state.say(Tone::Info, format!("opened {url}")),
                outside::Opened::NoBrowser => {
                    let (_, told) = self.copy(&url);
                    return Box::pin(self.feed(Event::NoBrowser { url, told })).await;
                }
                outside::Opened::Refused => self.state.say(Tone::Warn, format!("not a web address: {url}")),
            },
            Some(Effect::Edit { text, purpose }) => {
                let edited = self.edit_outside(&text).await?;
                let Some(text) = edited else { return Ok(Some(Left::Told)) };
                return Box::pin(self.feed(Event::Edited { purpose, text })).await;
            }
            _ => {}
        }
        Ok(None)
    }

    /// Puts a text on the clipboard; says what became of it.
    fn copy(&mut self, text: &str) -> (Tone, String) {
        match outside::clipboard(text, &self.abilities) {
            Clipboard::Sent(bytes) => {
                self.frames.queue(&bytes);
                (Tone::Info, format!("copied: {text}"))
            }
            Clipboard::TooLong => {
                let (length, most) = (text.len() / 1000, CLIPBOARD_MAX / 1000);
                (Tone::Warn, format!("too long to copy: {length} kB, and terminals take {most} kB at most"))
            }
            Clipboard::NoWay => (Tone::Warn, format!("this terminal has no clipboard: {text}")),
        }
    }

    /// Takes or releases the mouse, as the state wants it now.
    fn set_mouse(&mut self) {
        let bytes = self.guard.set_mouse(self.state.takes_mouse());
        self.frames.queue(bytes);
    }

    /// Asks the terminal what it can. Nobody waits for the answer: it comes among the keys.
    fn ask(&mut self) {
        if self.abilities.is_modern() {
            self.frames.queue(terminal::QUESTION);
            self.asked = Some(Instant::now());
        }
    }

    /// Takes an answer. What comes unasked is of somebody else's asking.
    fn answered(&mut self, report: Report) {
        if self.asked.is_none() {
            return;
        }
        match report {
            Report::Keyboard => {
                let bytes = self.guard.speak();
                self.frames.queue(bytes);
            }
            Report::Attributes => self.asked = None,
        }
    }

    /// Waits a moment for an answer that is still to come, so that it is not typed into whatever reads next.
    async fn hear_answer(&mut self) {
        let Self { asked, input: Some(input), guard, .. } = self else { return };
        if asked.take().is_none_or(|asked| asked.elapsed() > NO_ANSWER) {
            return;
        }
        let answer = async {
            while let Ok(heard) = input.next().await {
                match heard {
                    Heard::Report(Report::Keyboard) => guard.can_speak(),
                    Heard::Report(Report::Attributes) => break,
                    Heard::Event(_) => {}
                }
            }
        };
        let _ = tokio::time::timeout(ANSWER, answer).await;
    }

    /// Sets the title when it is another one.
    fn set_title(&mut self) {
        if !self.state.settings.ui.title || !self.abilities.is_modern() {
            return;
        }
        let words = title::words(&self.state);
        if self.title.as_ref() != Some(&words) {
            self.frames.queue(&title::sequence(&words));
            self.title = Some(words);
        }
    }

    /// Draws, if there is something new, it is due, and the terminal has taken the last frame. While it has not, the
    /// newest state waits: no frame is ever computed against one that was not written.
    fn draw(&mut self) -> Result<(), FrontError> {
        let now = Instant::now();
        let due = self.pace.wait(now) == Some(Duration::ZERO);
        if !self.frames.is_idle() || (!due && !self.frames.has_queued()) {
            return Ok(());
        }
        if due {
            self.set_mouse();
            self.set_title();
            let linked = match self.state.settings.ui.hyperlinks {
                Hyperlinks::Auto => self.abilities.hyperlinks,
                Hyperlinks::Always => true,
                Hyperlinks::Never => false,
            };
            let state = &self.state;
            let drawn = self.terminal.draw(|frame| {
                if let Some(cursor) = view::draw(state, frame.buffer_mut()) {
                    frame.set_cursor_position(cursor);
                }
                if linked {
                    hyperlinks::weave(state, frame.buffer_mut());
                }
            });
            drawn.map_err(FrontError::Terminal)?;
            self.pace.drawn(now);
        }
        self.frames.send();
        Ok(())
    }

    /// Forgets what the terminal shows, so that the next frame draws all of it.
    fn clear(&mut self) -> Result<(), FrontError> {
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would be read as keys.
        self.terminal.backend_mut().forget();
        self.terminal.resize(self.state.area).map_err(FrontError::Terminal)?;
        self.pace.by_hand();
        Ok(())
    }

    /// Gives the terminal back and stops, as the shell's job control asks; returns when the shell lets us go on.
    async fn suspend(&mut self) -> Result<(), FrontError> {
        self.leave_terminal().await;
        signals::stop_here();
        self.stopped = true;
        self.come_back()
    }

    async fn leave_terminal(&mut self) {
        self.hear_answer().await;
        self.input = None;
        if self.frames.settle().await {
            self.guard.restore();
        } else {
            self.guard.abandon();
        }
    }

    fn come_back(&mut self) -> Result<(), FrontError> {
        let titled = self.state.settings.ui.title && self.abilities.is_modern();
        self.guard.enter(self.state.takes_mouse(), titled).map_err(FrontError::Terminal)?;
        self.title = None;
        if self.input.is_none() {
            self.input = Some(Input::open(self.abilities.remote).map_err(FrontError::Terminal)?);
        }
        if let Ok((width, height)) = crossterm::terminal::size() {
            let now = self.clock.now();
            let _ = update(&mut self.state, now, Event::Resize(width, height));
        }
        self.clear()
    }

    /// Lets a text be edited in the person's own editor. The engine is listened to meanwhile, so that it never has
    /// to wait. `None`: we were told to leave.
    async fn edit_outside(
        &mut self,
        text: &str,
    ) -> Result<Option<Result<Option<String>, String>>, FrontError> {
        self.leave_terminal().await;
        let edited = {
            let Self { updates, health, signals, state, clock, backend, .. } = self;
            let editor = outside::edit(text);
            tokio::pin!(editor);
            loop {
                let event = tokio::select! {
                    done = &mut editor => break Some(done),
                    signal = signals.next() => {
                        if signal == Signal::Leave { break None }
                        continue;
                    }
                    Some(told) = updates.recv() => Event::Engine(Box::new(told)),
                    Ok(()) = health.changed() => Event::Health(health.borrow_and_update().clone()),
                };
                for effect in update(state, clock.now(), event) {
                    // Nothing else can be asked for while nobody presses a key.
                    let _ = dispatch(&**backend, effect);
                }
            }
        };
        self.come_back()?;
        Ok(edited)
    }
}
