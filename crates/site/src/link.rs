//! Links between pages: an author's link that leads nowhere is a mistake, told where it was written.

use std::path::Path;

use course::{Diagnostics, Source};

use crate::files::Files;

/// Finds every relative link of a lesson's page that leads to nothing in the site.
pub fn check(files: &Files, lessons: &Path) -> Diagnostics {
    let mut mistakes = Diagnostics::new();
    for (page, bytes) in files
        .iter()
        .filter(|(path, _)| path.starts_with("lessons/") && path.ends_with(".html"))
    {
        let html = String::from_utf8_lossy(bytes);
        let nowhere = links(&html)
            .filter(|link| target(page, link).is_some_and(|target| files.get(&target).is_none()));
        for link in nowhere {
            let folder = page.split('/').nth(1).unwrap_or_default();
            let path = lessons.join(folder).join("lesson.md");
            let source = Source::read(&path)
                .unwrap_or_else(|_| Source::new(&path.display().to_string(), ""));
            let at = source
                .text()
                .find(link)
                .map_or(0..0, |at| at..at + link.len());
            mistakes.add(
                &source,
                at,
                format!("there is no page at `{link}`"),
                "link to a lesson's folder, such as ../consumer-groups/, or to an https address",
            );
        }
    }
    mistakes
}

/// The values of all `href` attributes.
fn links(html: &str) -> impl Iterator<Item = &str> {
    html.split(" href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
}

/// The file a relative link means; nothing for a link into the page or out of the site.
fn target(page: &str, link: &str) -> Option<String> {
    let path = link.split(['#', '?']).next().unwrap_or_default();
    if path.is_empty() || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                if parts.pop().is_none() {
                    // Above the site: nothing of ours is there.
                    return Some(link.to_owned());
                }
            }
            part => parts.push(part),
        }
    }
    if path.ends_with('/') || path.ends_with("..") {
        parts.push("index.html");
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_mean_files() {
        let check = |link: &str, expected: Option<&str>| {
            assert_eq!(
                target("lessons/one/index.html", link).as_deref(),
                expected,
                "{link}"
            );
        };
        check("../two/", Some("lessons/two/index.html"));
        check("../two/index.html#part", Some("lessons/two/index.html"));
        check("../..", Some("index.html"));
        check("../../assets/a.css", Some("assets/a.css"));
        check("../../../up", Some("../../../up"));
        check("#part", None);
        check("https://example.org/", None);
    }
}
