// Progress that this page cannot use: says so, and offers to set it aside. Nothing is lost by it: it goes to
// a key of its own, and can be saved as a file. A script of its own, so that it also helps where the module
// does not come, or stops at what it reads.
{
  const KEY = "at-least-once.progress";
  // `course::progress::VERSION`.
  const VERSION = 1;
  const SAY = {
    newer:
      "The progress kept in this browser was written by a newer page, so it is left as it is, and what you do now ends with this visit. Reload the page to get the newest, or set the progress aside and begin anew.",
    damaged:
      "The progress kept in this browser cannot be read by this page, so it is left as it is, and what you do now ends with this visit. You can set it aside and begin anew.",
    suspect:
      "If the page stops at each visit, the reason may be in the progress kept in this browser: you can set it aside and begin anew.",
    aside: "The progress is set aside in this browser. Reload the page: from then on what you do is kept.",
    full: "There is no room to set the progress aside in this browser. Save it as a file, and ask your browser to forget what this site has stored.",
  };

  // Storage that is refused holds nothing that could be set aside.
  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  // Why a text is no progress, as far as it can be told without the module, which tells the rest.
  const fault = (text) => {
    try {
      const { version, lessons = {} } = Object(JSON.parse(text));
      if (!Number.isInteger(version) || version < 1) return "damaged";
      if (version > VERSION) return "newer";
      return isObject(lessons) && Object.values(lessons).every(isObject) ? null : "damaged";
    } catch {
      return "damaged";
    }
  };

  let notice = null;

  const button = (name, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = name;
    made.addEventListener("click", press);
    return made;
  };

  const say = (why, ...buttons) => {
    const place = document.querySelector(".notices");
    if (!place) return;
    notice?.remove();
    notice = document.createElement("p");
    notice.className = "notice offer";
    notice.dataset.why = why;
    notice.append(SAY[why], ...buttons, button("Close", () => notice.remove()));
    place.append(notice);
  };

  const saved = (text) =>
    button("Save as a file", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.download = "at-least-once-progress-set-aside.json";
      link.click();
      URL.revokeObjectURL(link.href);
    });

  const setAside = () => {
    const text = stored();
    if (text === null) return location.reload();
    let nth = 1;
    while (localStorage.getItem(`${KEY}.aside.${nth}`) !== null) nth += 1;
    try {
      // Twice may be more than there is room for.
      localStorage.removeItem(KEY);
      localStorage.setItem(`${KEY}.aside.${nth}`, text);
    } catch {
      localStorage.setItem(KEY, text);
      return say("full", saved(text));
    }
    say("aside", button("Reload", () => location.reload()), saved(text));
  };

  const offer = (why) => {
    const text = stored();
    if (text === null || notice?.dataset.why === why) return;
    say(why, button("Set it aside", setAside), saved(text));
  };

  const look = () => {
    const text = stored();
    const why = text === null ? null : fault(text);
    if (why) return offer(why);
    // Another tab has set it aside, or written what can be read.
    if (["newer", "damaged"].includes(notice?.dataset.why)) notice.remove();
  };

  look();
  addEventListener("storage", look);
  document.addEventListener("progress-unreadable", () => offer(fault(stored()) ?? "damaged"));
  document.addEventListener("page-stopped", () => offer("suspect"));
}
