//! A place in a run as a link: scene, settings, choices and position, in the part of the address
//! after `#`, so that no server sees it.
//!
//! `#run=STAGE;SCENE.VERSION.RULES;guard.on,commit.after;PATH;POSITION`

use engine::scene::Selection;
use engine::{Path, RULES_VERSION, Scene};

/// What a link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which player of the page.
    pub anchor: String,
    /// Which options are chosen.
    pub selection: Selection,
    /// The choices.
    pub path: Path,
    /// How many of them have been made.
    pub position: usize,
}

/// Why a link cannot be followed, in a sentence for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfollowed(pub String);

const START: &str = "#run=";

/// The link to a place of a scene.
pub fn write(scene: &Scene, link: &Link) -> String {
    let chosen: Vec<_> = link
        .selection
        .iter()
        .map(|(setting, option)| format!("{setting}.{option}"))
        .collect();
    format!(
        "{START}{};{}.{}.{RULES_VERSION};{};{};{}",
        link.anchor,
        scene.id,
        scene.version,
        chosen.join(","),
        link.path,
        link.position
    )
}

/// Which player of the page an address carries a place of, if it carries one.
pub fn anchor(hash: &str) -> Option<&str> {
    let rest = hash.strip_prefix(START)?;
    rest.split([';', '%']).next()
}

/// The place an address carries.
///
/// # Errors
/// A sentence for the learner: the link is damaged, or of another scene or version.
pub fn read(scene: &Scene, hash: &str) -> Result<Link, Unfollowed> {
    let damaged =
        || Unfollowed("This link is damaged, so the scene is shown from its start.".to_owned());
    // Browsers escape commas and semicolons; and where a link stands in a text, what comes behind it
    // is often taken along. A link ends in a digit.
    let text = hash
        .trim_end_matches("%29")
        .trim_end_matches(|letter: char| !letter.is_ascii_digit())
        .replace("%3B", ";")
        .replace("%2C", ",")
        .replace("%3b", ";")
        .replace("%2c", ",");
    let parts: Vec<&str> = text
        .strip_prefix(START)
        .ok_or_else(damaged)?
        .split(';')
        .collect();
    let [anchor, version, chosen, path, position] = parts[..] else {
        return Err(damaged());
    };
    let mut version = version.rsplitn(3, '.');
    let (rules, edition, id) = (version.next(), version.next(), version.next());
    if id != Some(scene.id.as_str()) {
        return Err(Unfollowed(
            "This link is to another scene, so this one is shown from its start.".to_owned(),
        ));
    }
    let ours = (RULES_VERSION.to_string(), scene.version.to_string());
    if (rules, edition) != (Some(ours.0.as_str()), Some(ours.1.as_str())) {
        return Err(Unfollowed(
            "This link was made with another version of the scene, so it is shown from its start."
                .to_owned(),
        ));
    }
    let mut selection = Selection::new();
    for pair in chosen.split(',').filter(|pair| !pair.is_empty()) {
        // Ids of settings and options may contain dots; take the split that the scene knows.
        let (setting, option) = pair
            .match_indices('.')
            .map(|(at, _)| (&pair[..at], &pair[at + 1..]))
            .find(|(setting, option)| {
                scene.settings.iter().any(|known| {
                    known.id == *setting && known.options.iter().any(|known| known.id == *option)
                })
            })
            .ok_or_else(damaged)?;
        selection.insert(setting.to_owned(), option.to_owned());
    }
    let path: Path = path.parse().map_err(|_| damaged())?;
    let position: usize = position.parse().map_err(|_| damaged())?;
    if position > path.0.len() {
        return Err(damaged());
    }
    Ok(Link {
        anchor: anchor.to_owned(),
        selection,
        path,
        position,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_with_what_a_text_puts_behind_it() {
        let scene: Scene = serde_json::from_str(
            r#"{ "id": "mail", "title": "M", "version": 1, "topics": [{ "name": "orders" }] }"#,
        )
        .expect("a scene");
        let link = Link {
            anchor: "mail".to_owned(),
            selection: Selection::new(),
            path: "3-c0-r0".parse().expect("a path"),
            position: 4,
        };
        let written = write(&scene, &link);
        for behind in ["", ".", ")", ").", "\u{201d}", ",", "%29"] {
            let read = read(&scene, &format!("{written}{behind}"));
            assert_eq!(read.as_ref(), Ok(&link), "{behind}");
        }
    }
}
