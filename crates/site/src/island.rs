//! Islands in a page: what they look like, and what brings them to life, in one element.

use maud::{Markup, PreEscaped, html};
use web::islands::{Island, render};

/// An island; `without_scripts` is the sentence that stands above it where scripts are off.
pub fn island(island: &Island, without_scripts: Option<&str>) -> Markup {
    let props = serde_json::to_string(island).expect("props are plain data");
    let mut element = format!("<div class=\"island\" data-island=\"{}\"", island.kind());
    if let Island::Stage(props) = island {
        let lesson = html! { (props.lesson) }.into_string();
        element.push_str(&format!(" data-lesson=\"{lesson}\""));
    }
    element.push_str(&format!(" data-props='{}'>", in_single_quotes(&props)));
    let still = render(island);
    html! {
        @if let Some(sentence) = without_scripts {
            noscript { p.still { (sentence) } }
        }
        // Nothing may stand between this element and what was rendered: the module takes it over node by node.
        (PreEscaped(element)) (PreEscaped(still)) (PreEscaped("</div>"))
    }
}

/// The value of an attribute that stands in single quotes: JSON is full of double ones, and written as
/// `&quot;` they are a tenth of a lesson's page, compressed.
fn in_single_quotes(value: &str) -> String {
    value.replace('&', "&amp;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_single_quotes_ends_nowhere_and_reads_back() {
        let json = r#"{"a":"it's < b & c &#39; &amp;"}"#;
        let escaped = in_single_quotes(json);
        assert_eq!(
            escaped,
            r#"{"a":"it&#39;s < b &amp; c &amp;#39; &amp;amp;"}"#
        );
        let read = escaped.replace("&#39;", "'").replace("&amp;", "&");
        assert_eq!(read, json);
    }
}
