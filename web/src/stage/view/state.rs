//! What a learner can do to a stage, and what becomes of it: no drawing, and no browser.

use crate::stage::player::{MOST_BRANCHES, Player};
use crate::stage::search::{Search, settings};
use crate::worker::Heard;
use course::link::Link;
use engine::ClientId;
use engine::scene::{Selection, Verb};
use std::rc::Rc;
use std::sync::Arc;
use yew::Reducible;

/// What a learner does.
#[derive(Clone, Debug)]
pub enum Act {
    /// The page has come alive.
    Live,
    /// One step forward.
    Forward,
    /// One step back.
    Back,
    /// To the start.
    StartOver,
    /// To the end.
    ToEnd,
    /// To a position.
    Seek(usize),
    /// To the n-th stop.
    SeekStop(usize),
    /// Play or pause.
    TogglePlay,
    /// The player's own step.
    Tick,
    /// How many steps a second.
    Speed(Speed),
    /// A fault.
    Fault(Verb, ClientId),
    /// Another branch.
    Branch(usize),
    /// Another option of a setting.
    Choose(String, String),
    /// Whether every step is shown.
    Detailed(bool),
    /// Whether what is to come is shown the first time through too.
    Ahead(bool),
    /// A task has led to this player.
    Entered(String),
    /// What that task asks for has come about.
    Reached(String),
    /// Back to the task.
    Left,
    /// A place from a link.
    Restore(Link),
    /// A link that cannot be followed, and why: the scene is shown from its start.
    Unfollowed(String),
    /// Open the search, which begins; or go back to its results; or close them.
    Break,
    /// Close the results.
    Close,
    /// Go back to the results from a finding that is shown.
    Unfold,
    /// Search again, with the settings as they are.
    Search,
    /// End the search with what it has.
    CancelSearch,
    /// What is heard of the worker of the n-th search.
    Heard(u32, Heard),
    /// Show what was found about a promise, by its place in the report.
    Show(usize),
}

impl Act {
    /// Whether it is a move of the learner's own, to another place or another run.
    const fn moves(&self) -> bool {
        match self {
            Act::Forward
            | Act::Back
            | Act::StartOver
            | Act::ToEnd
            | Act::Seek(_)
            | Act::SeekStop(_)
            | Act::TogglePlay
            | Act::Tick
            | Act::Fault(..)
            | Act::Branch(_)
            | Act::Choose(..)
            | Act::Show(_) => true,
            Act::Live
            | Act::Speed(_)
            | Act::Detailed(_)
            | Act::Ahead(_)
            | Act::Entered(_)
            | Act::Reached(_)
            | Act::Left
            | Act::Restore(_)
            | Act::Unfollowed(_)
            | Act::Break
            | Act::Close
            | Act::Unfold
            | Act::Search
            | Act::CancelSearch
            | Act::Heard(..) => false,
        }
    }
}

/// How fast the player steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// A step in two seconds.
    Slow,
    /// A step in a second.
    Normal,
    /// Three steps a second.
    Fast,
}

impl Speed {
    /// All of them.
    pub const ALL: [(Speed, &'static str); 3] = [
        (Speed::Slow, "½×"),
        (Speed::Normal, "1×"),
        (Speed::Fast, "3×"),
    ];

    /// The time between two steps.
    pub const fn interval_ms(self) -> u32 {
        match self {
            Speed::Slow => 2_400,
            Speed::Normal => 1_200,
            Speed::Fast => 400,
        }
    }
}

/// The component's state.
#[derive(Clone, PartialEq)]
pub struct State {
    /// The player that is shown.
    pub player: Player,
    /// The players of other settings, with their branches, to come back to.
    others: Vec<Player>,
    /// Whether the page has come alive.
    pub live: bool,
    /// Whether it plays.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// What has to be said.
    pub notice: Option<String>,
    /// The search, while it is open.
    pub search: Option<Search>,
    /// Whether its results make room for the picture, because something of them is shown there.
    pub folded: bool,
    /// Whether what is to come is shown the first time through too, as the reader has set it.
    pub ahead: bool,
    /// The task that has led here, and whether what it asks for has come about since.
    pub entered: Option<(String, bool)>,
    /// Whether a link has chosen the place that is shown.
    is_linked: bool,
    /// How many searches there were.
    searches: u32,
}

impl Reducible for State {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = (*self).clone();
        // Whoever takes the wheel stops the player.
        let keeps_playing = matches!(
            act,
            Act::Tick
                | Act::TogglePlay
                | Act::Speed(_)
                | Act::Live
                | Act::Detailed(_)
                | Act::Ahead(_)
                | Act::Reached(_)
                | Act::Heard(..)
        );
        if !keeps_playing {
            next.playing = false;
            next.notice = None;
        }
        if act.moves() {
            next.is_linked = false;
        }
        match act {
            Act::Live => next.live = true,
            Act::Forward => drop(next.player.forward()),
            Act::Back => drop(next.player.back()),
            Act::StartOver => next.player.seek(0),
            Act::ToEnd => next.player.seek(usize::MAX),
            Act::Seek(position) => next.player.seek(position),
            Act::SeekStop(nth) => next.player.seek_stop(nth),
            Act::TogglePlay => {
                next.playing = !next.playing;
                if next.playing && next.player.at_end() {
                    next.player.seek(0);
                }
            }
            Act::Tick => {
                next.playing = next.playing && next.player.forward() && !next.player.at_end()
            }
            Act::Speed(speed) => next.speed = speed,
            Act::Fault(verb, to) => {
                let full = next.player.branches().len() == MOST_BRANCHES;
                if next.player.act(verb, to)
                    && full
                    && next.player.branches().len() == MOST_BRANCHES
                    && next.player.current() + 1 == MOST_BRANCHES
                {
                    next.notice = Some(format!(
                        "{MOST_BRANCHES} branches are kept, so your oldest one made room."
                    ));
                }
            }
            Act::Branch(branch) => next.player.select(branch),
            Act::Choose(setting, option) => {
                let mut selection = next.player.selection().clone();
                selection.insert(setting, option);
                next.replace(selection);
            }
            Act::Detailed(detailed) => next.player.detailed = detailed,
            Act::Ahead(ahead) => next.ahead = ahead,
            Act::Entered(task) => next.entered = Some((task, false)),
            Act::Reached(task) => {
                if let Some((entered, reached)) = &mut next.entered {
                    *reached |= *entered == task;
                }
            }
            Act::Left => next.entered = None,
            Act::Restore(link) => {
                next.is_linked = true;
                next.replace(link.selection);
                if let Err(why) = next.player.follow(&link.path, link.position) {
                    next.player.to_start();
                    next.notice = Some(format!(
                        "This link cannot be followed ({why}), so the scene is shown from its start."
                    ));
                }
            }
            Act::Unfollowed(why) => {
                next.player.to_start();
                next.notice = Some(why);
            }
            Act::Break if next.search.is_some() && next.folded => next.folded = false,
            Act::Break | Act::Close if next.search.is_some() => next.search = None,
            Act::Close => {}
            Act::Unfold => next.folded = false,
            Act::Break | Act::Search => next.begin_search(),
            Act::CancelSearch => {
                if let Some(search) = &mut next.search {
                    search.cancel();
                }
            }
            Act::Heard(nth, heard) => {
                if let Some(search) = next.search.as_mut().filter(|search| search.nth == nth) {
                    match heard {
                        Heard::Told(tell) => search.hear(tell),
                        Heard::Lost(why) => search.fail(why.to_owned()),
                    }
                }
            }
            Act::Show(nth) => next.show(nth),
        }
        next.put_away();
        Rc::new(next)
    }
}

impl State {
    /// A player at rest, in a page that is not alive yet.
    pub fn new(player: Player) -> Self {
        State {
            player,
            others: Vec::new(),
            live: false,
            playing: false,
            speed: Speed::Normal,
            notice: None,
            search: None,
            folded: false,
            ahead: false,
            entered: None,
            is_linked: false,
            searches: 0,
        }
    }

    /// How far the run is told: to its end in a page without scripts, in review, and where the reader
    /// wants it so; else as far as it has been looked at.
    pub fn horizon(&self) -> usize {
        if self.live && !self.ahead {
            self.player.seen()
        } else {
            self.player.run().len()
        }
    }

    /// Whether the learner has come to this place of this run; not by a link, nor by what a search found.
    pub fn is_own(&self) -> bool {
        !self.is_linked && !self.player.branch().given
    }

    /// Results of other settings are put away at once, and a search for them ends: what is shown belongs
    /// to the settings that are shown, and the next *Break it* searches with those.
    fn put_away(&mut self) {
        let player = &self.player;
        let stale = self
            .search
            .take_if(|search| !player.is_with(&search.selection));
        let Some(stale) = stale else { return };
        self.folded = false;
        let of = settings(player.scene(), &stale.selection);
        let what = match stale.is_running() {
            true => "The search was",
            false => "The results were",
        };
        let words = format!(
            "{what} for other settings ({of}), and put away. Break it searches with the present ones."
        );
        // What goes wrong with the new settings is said first.
        self.notice.get_or_insert(words);
    }

    fn begin_search(&mut self) {
        if self.player.scene().promises.is_empty() {
            return;
        }
        self.searches += 1;
        self.folded = false;
        let selection = self.player.selection().clone();
        self.search = Some(Search::new(self.searches, selection));
    }

    /// Shows what the search found, in the settings it was found with.
    fn show(&mut self, nth: usize) {
        let Some(search) = &self.search else { return };
        let Some(judged) = search.report().and_then(|report| report.judged.get(nth)) else {
            return;
        };
        let Some(finding) = judged.finding.clone() else {
            return;
        };
        let (kind, selection) = (judged.kind, search.selection.clone());
        self.replace(selection);
        if let Err(why) = self.player.show(&finding, kind) {
            self.notice = Some(format!("This finding cannot be shown: {why}."));
            return;
        }
        self.folded = true;
    }

    /// Shows the scene with other settings: where the learner left it, or at its start.
    fn replace(&mut self, selection: Selection) {
        let known = self
            .others
            .iter()
            .position(|other| other.is_with(&selection));
        let next = match known {
            Some(at) => Ok(self.others.remove(at)),
            None if self.player.is_with(&selection) => return,
            None => Player::new(Arc::clone(self.player.scene()), selection),
        };
        match next {
            Ok(mut player) => {
                player.detailed = self.player.detailed;
                self.others
                    .push(std::mem::replace(&mut self.player, player));
            }
            Err(_) => {
                self.notice =
                    Some("That setting cannot be shown; the scene stays as it was.".to_owned());
            }
        }
    }
}
