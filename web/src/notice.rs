//! A sentence in the page's place for notices.

/// Says a sentence there; several stand below each other, each once.
pub fn say(sentence: &str) {
    let document = gloo::utils::document();
    let (Ok(Some(place)), Ok(notice)) = (
        document.query_selector(".notices"),
        document.create_element("p"),
    ) else {
        return;
    };
    // Another module of the page may have said it.
    let said = place.text_content();
    if said.is_some_and(|said| said.contains(sentence)) {
        return;
    }
    notice.set_class_name("notice");
    notice.set_text_content(Some(sentence));
    drop(place.append_child(&notice));
}
