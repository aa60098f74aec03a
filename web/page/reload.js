// While somebody edits: the server says when a new build is there.
new EventSource("/__reload").addEventListener("reload", () => location.reload());
