//! A player under the hand: its controls, and what is seen of it at one moment.

use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde::Deserialize;

use crate::visitor::{Visitor, reference};

/// A player.
#[derive(Clone, Debug)]
pub struct Stage {
    visitor: Visitor,
    /// The player itself.
    pub element: Element,
    forward: Element,
    back: Element,
    start_over: Element,
    slider: Element,
}

/// What is seen of a player at one moment.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Sight {
    /// Whether the controls work.
    pub is_live: bool,
    /// All words.
    pub text: String,
    /// The sentence about what just happened.
    pub sentence: String,
    /// What the tool prints.
    pub terminal: String,
    /// The trace.
    pub rows: Vec<Row>,
    /// The place of the slider.
    pub step: usize,
    /// Its greatest place.
    pub last_step: usize,
    /// What a screen reader hears of the slider's place.
    pub time: String,
    /// The chosen options, the speed at the end.
    pub settings: Vec<String>,
    /// Notices.
    pub alerts: Vec<String>,
    /// Whether it plays by itself.
    pub is_playing: bool,
    /// Whether there is a step forward.
    pub can_step_forward: bool,
    /// Whether there is a step back.
    pub can_step_back: bool,
}

/// A row of the trace.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Row {
    /// Whether it has just happened.
    pub is_current: bool,
    /// Its words.
    pub cells: Vec<String>,
}

impl Sight {
    /// The place of the current row in the trace.
    ///
    /// # Panics
    /// Where several rows are current.
    pub fn current_row(&self) -> Option<usize> {
        let current = |row: &Row| row.is_current;
        let count = self.rows.iter().filter(|row| current(row)).count();
        assert!(count <= 1, "{count} rows of the trace are current at once");
        self.rows.iter().position(current)
    }

    /// What happened, from the trace, up to now.
    pub fn past(&self) -> Vec<&str> {
        let now = self.current_row().map_or(0, |row| row + 1);
        self.rows[..now]
            .iter()
            .map(|row| row.cells[2].as_str())
            .collect()
    }

    /// How often something happened up to now, in the words of the trace.
    pub fn count(&self, what: &str) -> usize {
        self.past().into_iter().filter(|said| *said == what).count()
    }

    /// How many mails have left for an order, by the trace up to now.
    pub fn mails_for(&self, order: &str) -> usize {
        let ending = format!("mail for {order}");
        self.past()
            .into_iter()
            .filter(|said| said.ends_with(&ending))
            .count()
    }

    /// What is kept when somebody else opens a link to this place: not the names of branches.
    pub fn place(&self) -> (String, String, Vec<String>, Option<Row>, usize) {
        let row = self.current_row().map(|row| self.rows[row].clone());
        (
            self.sentence.clone(),
            self.terminal.clone(),
            self.settings.clone(),
            row,
            self.step,
        )
    }

    /// A column of the tool's table for the only partition.
    ///
    /// # Panics
    /// Where the tool prints no such table.
    pub fn tool(&self, column: &str) -> String {
        let mut lines = self
            .terminal
            .lines()
            .skip_while(|line| !line.starts_with("GROUP "));
        let (head, row) = lines
            .next()
            .zip(lines.next())
            .unwrap_or_else(|| panic!("the terminal prints no table:\n{}", self.terminal));
        let at = head
            .split_whitespace()
            .position(|name| name == column)
            .unwrap_or_else(|| panic!("no column {column} in {head}"));
        row.split_whitespace()
            .nth(at)
            .unwrap_or_default()
            .to_owned()
    }
}

impl Stage {
    /// Finds the controls of a player.
    pub async fn new(visitor: Visitor, element: Element) -> Stage {
        let within = Some(&element);
        Stage {
            forward: visitor.find(within, "button", "Step forward").await,
            back: visitor.find(within, "button", "Step back").await,
            start_over: visitor.find(within, "button", "Start over").await,
            slider: visitor.find(within, "slider", "Time").await,
            visitor,
            element,
        }
    }

    /// What is seen now.
    pub async fn sight(&self) -> Sight {
        const SIGHT: &str = include_str!("sight.js");
        self.visitor
            .read(SIGHT, vec![reference(&self.element)])
            .await
    }

    /// Something inside the player, by role and name.
    pub async fn find(&self, role: &str, name: &str) -> Element {
        self.visitor.find(Some(&self.element), role, name).await
    }

    /// Presses a button.
    pub async fn press(&self, name: &str) {
        let button = self.find("button", name).await;
        self.visitor.press(&button).await;
    }

    /// Waits until the player is as it should be.
    ///
    /// # Panics
    /// Where it never is.
    pub async fn until(&self, what: &str, is_so: impl Fn(&Sight) -> bool) -> Sight {
        self.visitor
            .until(what, async || Some(self.sight().await).filter(&is_so))
            .await
    }

    /// One step forward.
    pub async fn forward(&self) -> Sight {
        let before = self.sight().await.step;
        self.visitor.press(&self.forward).await;
        self.until("a step forward", |sight| sight.step == before + 1)
            .await
    }

    /// One step back.
    pub async fn back(&self) -> Sight {
        let before = self.sight().await.step;
        self.visitor.press(&self.back).await;
        self.until("a step back", |sight| sight.step + 1 == before)
            .await
    }

    /// To the start of the story.
    pub async fn start_over(&self) -> Sight {
        if self.sight().await.can_step_back {
            self.visitor.press(&self.start_over).await;
        }
        self.until("the start", |sight| sight.step == 0 && !sight.can_step_back)
            .await
    }

    /// To a step of the story, by the slider and the keyboard.
    ///
    /// # Panics
    /// Where the slider takes no keys.
    pub async fn seek(&self, step: usize) -> Sight {
        let mut keys = char::from(Key::Home).to_string();
        keys.extend(std::iter::repeat_n(char::from(Key::Right), step));
        let sent = self.slider.send_keys(&keys).await;
        sent.expect("the slider takes keys");
        self.until("the step on the slider", |sight| sight.step == step)
            .await
    }

    /// To the end of the story, by the slider and the keyboard.
    ///
    /// # Panics
    /// Where the slider takes no keys.
    pub async fn to_end(&self) -> Sight {
        let sent = self
            .slider
            .send_keys(&char::from(Key::End).to_string())
            .await;
        sent.expect("the slider takes keys");
        self.until("the end", |sight| !sight.can_step_forward).await
    }

    /// Steps forward until something has happened.
    ///
    /// # Panics
    /// Where it never does.
    pub async fn forward_until(&self, what: &str, is_so: impl Fn(&Sight) -> bool) -> Sight {
        let mut sight = self.sight().await;
        while !is_so(&sight) {
            assert!(sight.can_step_forward, "the story ends without {what}");
            sight = self.forward().await;
        }
        sight
    }

    /// Chooses an option of a setting.
    pub async fn set(&self, setting: &str, option: &str) -> Sight {
        let list = self.find("combobox", setting).await;
        self.visitor.choose(&list, option).await;
        self.until("the chosen option", |sight| {
            sight.settings.iter().any(|chosen| chosen == option)
        })
        .await
    }

    /// Does something to a party by its menu, if the menu allows it now.
    ///
    /// # Panics
    /// Where there is no such menu or item.
    pub async fn act(&self, party: &str, what: &str) -> Option<Sight> {
        self.press(party).await;
        let item = self.find("menuitem", what).await;
        if item
            .attr("aria-disabled")
            .await
            .expect("the item is there")
            .is_some()
        {
            self.press(party).await;
            return None;
        }
        self.visitor.press(&item).await;
        let happened = match what {
            "Crash" => "crashes",
            "Freeze" => "stands still",
            "Thaw" => "goes on",
            _ => "start",
        };
        let seen = self.until("what was done in the trace", |sight| {
            sight
                .past()
                .last()
                .is_some_and(|last| last.contains(happened))
        });
        Some(seen.await)
    }
}
