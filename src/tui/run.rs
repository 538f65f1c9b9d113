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

use super::dispatch::{Backend, dispatch};
use super::effect::Effect;
use super::quiet::Quiet;
use super::state::{Setup, State, Tone};
use super::theme::Depth;
use super::update::{Event, next_wake, update};
use super::view;
use crate::config::Settings;
use crate::config::keymap::KeymapError;
use crate::domain::board::Board;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::SharedClock;

mod bell;
mod frames;
mod input;
mod outside;
mod signals;
mod terminal;

use frames::{Frames, Sink};
use input::Input;
use signals::{Signal, Signals};
use terminal::Guard;

/// How many events are taken between two frames at most, so that a flood cannot starve the picture.
const BATCH: usize = 512;

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
    frames: Frames,
    terminal: Terminal<Quiet<CrosstermBackend<Sink>>>,
    guard: Guard,
    /// Whether the picture is not the state's.
    dirty: bool,
    /// Whether we stopped ourselves: the signal that let us go on has been answered.
    stopped: bool,
}

/// Runs the front end until it is left. Must be polled by one thread all the time (`block_on`), so that a panic of
/// the loop can be told from one of a task. The terminal is as it was when this returns.
pub async fn run(options: FrontOptions) -> Result<Left, FrontError> {
    let size = crossterm::terminal::size().map_err(FrontError::Terminal)?;
    let mut health = options.health;
    let state = State::new(Setup {
        settings: options.settings,
        board: options.board,
        health: health.borrow_and_update().clone(),
        me: options.me,
        now: options.clock.now(),
        remembered: options.remembered,
        depth: options.depth,
        size,
    })?;
    let (guard, troubles) = Guard::take(state.mouse).map_err(FrontError::Terminal)?;
    let (frames, sink) = Frames::start().map_err(FrontError::Terminal)?;
    let backend = Quiet::new(CrosstermBackend::new(sink));
    let mut front = Front {
        state,
        backend: options.backend,
        clock: options.clock,
        updates: options.updates,
        health,
        signals: Signals::listen().map_err(FrontError::Terminal)?,
        troubles,
        input: Some(Input::open().map_err(FrontError::Terminal)?),
        frames,
        terminal: Terminal::new(backend).map_err(FrontError::Terminal)?,
        guard,
        dirty: true,
        stopped: false,
    };
    let left = front.turn().await;
    front.input = None;
    if front.frames.finish().await {
        front.guard.restore();
    } else {
        front.guard.abandon();
    }
    left
}

/// What the loop woke for.
enum Woke {
    Terminal(TerminalEvent),
    Update(Update),
    Health,
    Signal(Signal),
    Trouble(String),
    FrameDone,
    Clock,
    /// No more input: the terminal is gone.
    Gone,
    /// The engine is gone; what is on the screen stays usable.
    EngineGone,
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
        let Self { updates, health, signals, troubles, input, frames, .. } = self;
        let input = async {
            match input {
                Some(input) => input.next().await,
                None => std::future::pending().await,
            }
        };
        let clock = async {
            match sleep {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = signals.next() => Woke::Signal(signal),
            event = input => match event {
                Ok(event) => Woke::Terminal(event),
                Err(_) => Woke::Gone,
            },
            () = frames.done() => Woke::FrameDone,
            told = updates.recv(), if !engine_gone => told.map_or(Woke::EngineGone, Woke::Update),
            changed = health.changed(), if !engine_gone => changed.map_or(Woke::EngineGone, |()| Woke::Health),
            Some(trouble) = troubles.recv() => Woke::Trouble(trouble),
            () = clock => Woke::Clock,
        }
    }

    /// The next thing that has already happened; waits for nothing.
    async fn ready(&mut self, engine_gone: bool) -> Option<Woke> {
        if let Some(input) = &mut self.input
            && let Poll::Ready(event) = poll!(std::pin::pin!(input.next()))
        {
            return Some(event.map_or(Woke::Gone, Woke::Terminal));
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
                self.frames.queue(&bell::ring(&self.state.health, &health, &how, outside::in_tmux()));
                Event::Health(health)
            }
            Woke::Trouble(text) => Event::Told(Tone::Error, text),
            Woke::Clock => Event::Wake,
            Woke::FrameDone | Woke::Terminal(TerminalEvent::FocusGained | TerminalEvent::FocusLost) => {
                return Ok(None);
            }
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
        let effects = update(&mut self.state, now, event);
        self.dirty = true;
        for effect in effects {
            if let Some(left) = self.carry_out(effect).await? {
                return Ok(Some(left));
            }
        }
        Ok(None)
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<Option<Left>, FrontError> {
        match dispatch(&*self.backend, effect) {
            Some(Effect::Quit) => return Ok(Some(Left::Quit)),
            Some(Effect::Suspend) => self.suspend().await?,
            Some(Effect::Redraw) => self.clear()?,
            Some(Effect::SetMouse(on)) => {
                let bytes = self.guard.set_mouse(on);
                self.frames.queue(&bytes);
            }
            Some(Effect::Copy(text)) => self.copy(&text, "copied"),
            Some(Effect::OpenUrl(url)) => match outside::open_url(&url) {
                outside::Opened::Browser => self.state.say(Tone::Info, format!("opened {url}")),
                outside::Opened::NoBrowser => self.copy(&url, "no browser here: copied"),
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

    fn copy(&mut self, text: &str, word: &str) {
        self.frames.queue(&outside::clipboard(text, outside::in_tmux()));
        self.state.say(Tone::Info, format!("{word}: {text}"));
    }

    /// Draws, if there is something new and the terminal has taken the last frame. While it has not, the newest
    /// state waits: no frame is ever computed against one that was not written.
    fn draw(&mut self) -> Result<(), FrontError> {
        if !self.frames.is_idle() || (!self.dirty && !self.frames.has_queued()) {
            return Ok(());
        }
        if self.dirty {
            let state = &self.state;
            let drawn = self.terminal.draw(|frame| {
                if let Some(cursor) = view::draw(state, frame.buffer_mut()) {
                    frame.set_cursor_position(cursor);
                }
            });
            drawn.map_err(FrontError::Terminal)?;
            self.dirty = false;
        }
        self.frames.send();
        Ok(())
    }

    /// Forgets what the terminal shows, so that the next frame draws all of it.
    fn clear(&mut self) -> Result<(), FrontError> {
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would be read as keys.
        self.terminal.backend_mut().forget();
        self.terminal.resize(self.state.area).map_err(FrontError::Terminal)?;
        self.dirty = true;
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
        self.input = None;
        if self.frames.settle().await {
            self.guard.restore();
        } else {
            self.guard.abandon();
        }
    }

    fn come_back(&mut self) -> Result<(), FrontError> {
        self.guard.enter(self.state.mouse).map_err(FrontError::Terminal)?;
        if self.input.is_none() {
            self.input = Some(Input::open().map_err(FrontError::Terminal)?);
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
