//! A page of the site: its words and what it loads, put into the shell.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use crate::asset::Assets;
use crate::fidelity;
use crate::glossary;
use crate::policy::POLICY;
use crate::shell::Shell;

/// A page before it is put into the shell.
pub struct Page {
    /// Its path in the site, for example `lessons/consumer-groups/index.html`.
    pub path: String,
    /// The one `h1`, as text.
    pub heading: String,
    /// Two sentences for search engines and previews.
    pub description: String,
    /// What links to it show: a page or an article.
    pub kind: Kind,
    /// Everything between header and footer.
    pub body: Markup,
    /// What it needs besides the styles.
    pub needs: Needs,
}

/// What previews call a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The way in.
    Home,
    /// A lesson.
    Article,
    /// The terms of the course.
    Glossary,
    /// What comes back of the lessons.
    Review,
    /// About the course, and no part of it.
    Beside,
    /// Shown under any address that nothing stands at.
    Missing,
}

/// What a page needs besides the styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The module, after everything else.
    Module,
}

/// How deep below the site's folder an address may lie for which the page for what is not there
/// still finds its styles.
const MISSING_DEPTH_MAX: usize = 3;

impl Page {
    /// The way from the page to the site's folder: empty, or `../` some times.
    pub fn root(&self) -> String {
        "../".repeat(self.path.matches('/').count())
    }

    /// The whole page as HTML.
    pub fn html(&self, shell: &Shell, assets: &Assets) -> String {
        let title = match self.kind {
            Kind::Home => self.heading.clone(),
            Kind::Article | Kind::Glossary | Kind::Review | Kind::Beside | Kind::Missing => {
                format!("{} · At Least Once", self.heading)
            }
        };
        let kind = if self.kind == Kind::Article {
            "article"
        } else {
            "website"
        };
        let home = format!("{}index.html", self.root());
        let fidelity = format!("{}{}", self.root(), fidelity::PATH);
        let is_fidelity = self.path == fidelity::PATH;
        let current = match self.kind {
            Kind::Home => r#" aria-current="page""#,
            Kind::Article => r#" aria-current="true""#,
            Kind::Glossary | Kind::Review | Kind::Beside | Kind::Missing => "",
        };
        shell.fill(&BTreeMap::from([
            ("policy", html! { (POLICY) }),
            ("title", html! { (title) }),
            ("description", html! { (self.description) }),
            ("kind", html! { (kind) }),
            ("heading", html! { (self.heading) }),
            ("head", self.head(assets)),
            ("home", html! { (home) }),
            ("course-current", PreEscaped(current.to_owned())),
            ("glossary", html! { (self.root()) (glossary::PATH) }),
            (
                "glossary-current",
                current_page(self.kind == Kind::Glossary),
            ),
            ("fidelity", html! { (fidelity) }),
            ("fidelity-current", current_page(is_fidelity)),
            ("body", self.body.clone()),
        ]))
    }

    fn head(&self, assets: &Assets) -> Markup {
        let root = self.root();
        let at = |path: &str| format!("{root}{path}");
        if self.kind == Kind::Missing {
            return missing_head(assets);
        }
        html! {
            script src=(at(&assets.theme)) {}
            link rel="stylesheet" href=(at(&assets.style));
            @if self.kind == Kind::Home {
                link rel="stylesheet" href=(at(&assets.home_style));
            }
            @if self.kind == Kind::Glossary {
                link rel="stylesheet" href=(at(&assets.glossary_style));
                script defer src=(at(&assets.glossary)) {}
            }
            @let preview = (self.kind == Kind::Article).then(|| at(&assets.preview));
            script defer src=(at(&assets.ask)) data-later-finder=(at(&assets.finder)) data-later-found=(at(&assets.found)) data-later-preview=[preview] {}
            @if self.needs == Needs::Module {
                script defer src=(at(&assets.storage)) {}
                script defer src=(at(&assets.boot)) data-module=(at(&assets.glue)) data-wasm=(at(&assets.wasm)) data-later-worker=(at(&assets.worker)) data-later-language=[assets.language.as_deref().map(at)] {}
            }
            @if self.kind == Kind::Article {
                script defer src=(at(&assets.contents)) {}
                // A name and no link: what it names is loaded when somebody opens the editor.
                meta name="editor" content=(at(&assets.editor));
            }
            @if self.kind == Kind::Review {
                script defer src=(at(&assets.storage)) {}
                script type="module" src=(at(&assets.review)) data-later-review=(at(&assets.review_rows)) {}
            }
            @if self.kind == Kind::Home {
                script defer src=(at(&assets.places)) {}
            }
            @if let Some(reload) = &assets.reload {
                script defer src=(at(reload)) {}
            }
            link rel="icon" href=(at("favicon.svg")) type="image/svg+xml";
            link rel="manifest" href=(at("site.webmanifest"));
        }
    }
}

/// Says of a link in the shell that it leads to the page it is on.
fn current_page(is_current: bool) -> Markup {
    let attribute = match is_current {
        true => r#" aria-current="page""#,
        false => "",
    };
    PreEscaped(attribute.to_owned())
}

/// Which address the page is shown under is not known, so it asks at several depths; the browser
/// passes over what is not there.
fn missing_head(assets: &Assets) -> Markup {
    let roots = (0..=MISSING_DEPTH_MAX).map(|depth| "../".repeat(depth));
    html! {
        meta name="robots" content="noindex";
        @for root in roots {
            link rel="stylesheet" href={ (root) (assets.style) };
            script defer src={ (root) (assets.missing) } {}
        }
    }
}

/// Whether `path` is the page for what is not there, whose links are answers to "where might it be".
pub fn is_missing_page(path: &str) -> bool {
    path == "404.html"
}
