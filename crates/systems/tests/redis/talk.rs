//! A conversation with a server at a virtual time.

use systems::redis::config::Settings;
use systems::redis::tools::printed;
use systems::redis::{Fact, Redis, Reply, Request};
use systems::{Caller, Instant, Out, Server, Span};

/// A server, the time, and what it has sent and told.
pub struct Talk {
    pub redis: Redis,
    pub now: Instant,
    pub got: Vec<(Caller, Reply)>,
    pub facts: Vec<Fact>,
}

/// The first connection of a client.
pub const fn client(client: u8) -> Caller {
    Caller {
        client,
        connection: 1,
    }
}

impl Talk {
    pub fn new(settings: Settings) -> Talk {
        Talk {
            redis: Redis::new(settings),
            now: Instant(0),
            got: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn take(&mut self, out: Out<Redis>) -> Vec<(Caller, Reply)> {
        self.facts.extend(out.facts);
        self.got.extend(out.to.iter().cloned());
        out.to
    }

    pub fn request(&mut self, from: Caller, request: Request) -> Vec<(Caller, Reply)> {
        let mut out = Out::default();
        self.redis.handle(self.now, from, request, &mut out);
        self.take(out)
    }

    /// What `redis-cli` of a client prints for a command; nothing while it waits.
    pub fn by(&mut self, from: u8, line: &str) -> String {
        let to = self.request(client(from), Request::line(line));
        let mine = to.iter().filter(|(to, _)| *to == client(from));
        mine.map(|(_, reply)| printed(reply)).collect()
    }

    /// The same without quotes and numbers of elements, in one line.
    pub fn ask(&mut self, line: &str) -> String {
        let to = self.request(client(200), Request::line(line));
        let mine = to.iter().filter(|(to, _)| *to == client(200));
        let replies: Vec<String> = mine.map(|(_, reply)| plain(reply)).collect();
        replies.join(" ")
    }

    /// Several commands, one after the other, of which none is refused.
    pub fn all(&mut self, lines: &[&str]) {
        for line in lines {
            let answer = self.ask(line);
            let codes = ["ERR", "NOGROUP", "BUSYGROUP", "WRONGTYPE"];
            let is_refused = codes.iter().any(|code| answer.starts_with(code));
            assert!(!is_refused, "{line}: {answer}");
        }
    }

    /// Lets time pass up to a millisecond.
    pub fn until(&mut self, ms: u64) {
        let end = Instant(0) + Span::from_ms(ms);
        while let Some((at, due)) = self.redis.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.redis.fire(self.now, due, &mut out);
            self.take(out);
        }
        self.now = self.now.max(end);
    }

    /// What a client has got since somebody last asked for it.
    pub fn got_by(&mut self, who: u8) -> Vec<String> {
        let (mine, others) = self.got.drain(..).partition(|(to, _)| to.client == who);
        self.got = others;
        let mine: Vec<(Caller, Reply)> = mine;
        mine.iter().map(|(_, reply)| plain(reply)).collect()
    }
}

impl Default for Talk {
    fn default() -> Self {
        Talk::new(Settings::default())
    }
}

/// A reply in one line: lists in brackets, nil as a dash.
pub fn plain(reply: &Reply) -> String {
    match reply {
        Reply::Status(status) => (*status).to_owned(),
        Reply::Error(error) => error.to_string(),
        Reply::Integer(number) => number.to_string(),
        Reply::Text(text) => text.to_string(),
        Reply::Element(element) => element.text.to_string(),
        Reply::Id(id) => id.to_string(),
        Reply::Entry(id, None) => format!("{id}(-)"),
        Reply::Entry(id, Some(entry)) => format!("{id}({})", entry.fields.join(" ")),
        Reply::Nil => "-".to_owned(),
        Reply::Closed => "closed".to_owned(),
        Reply::List(list) => {
            let list: Vec<String> = list.iter().map(plain).collect();
            format!("[{}]", list.join(" "))
        }
    }
}
