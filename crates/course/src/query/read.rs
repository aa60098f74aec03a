//! Questions as text.

use super::{Comparison, Condition, Measure, Mistake, Moment, Query};
use std::ops::Range;
use std::str::FromStr;

const FORMS: [(&str, &str); 18] = [
    ("committed", "committed GROUP PARTITION"),
    ("position", "position CONSUMER PARTITION"),
    ("end", "end PARTITION"),
    ("lag", "lag GROUP PARTITION"),
    ("times", "times SERVICE RECORD"),
    ("total", "total SERVICE"),
    ("count", "count VERB [FIELD=VALUE …]"),
    ("ms", "ms VERB[#n] [FIELD=VALUE …]"),
    (
        "gap_ms",
        "gap_ms VERB[#n] [FIELD=VALUE …] VERB[#n] [FIELD=VALUE …]",
    ),
    ("visible", "visible QUEUE"),
    ("in_flight", "in_flight QUEUE"),
    ("lost", "lost"),
    ("duplicated", "duplicated"),
    ("reordered", "reordered"),
    ("stuck", "stuck"),
    ("surplus", "surplus TABLE"),
    ("config", "config PARTY NAME"),
    ("seconds", "seconds ms|gap_ms|config …"),
];

/// Whether the answer is a number of milliseconds.
fn is_in_ms(measure: &Measure) -> bool {
    match measure {
        Measure::Ms(_) | Measure::GapMs(..) => true,
        Measure::Config { name, .. } => name.ends_with("ms"),
        _ => false,
    }
}

/// The words of a text, with their places.
struct Words<'a> {
    words: Vec<(Range<usize>, &'a str)>,
    next: usize,
    end: usize,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let words = text.split_whitespace().map(|word| {
            // A word is a part of the text, so it is as far in as its address says.
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start..start + word.len(), word)
        });
        Words {
            words: words.collect(),
            next: 0,
            end: text.len(),
        }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).map(|(_, word)| *word)
    }

    fn next(&mut self, what: &str, form: &str) -> Result<(Range<usize>, &'a str), Mistake> {
        let word = self.words.get(self.next).cloned();
        self.next += 1;
        word.ok_or_else(|| {
            mistake(
                self.end..self.end,
                format!("{what} is missing"),
                format!("write `{form}`"),
            )
        })
    }

    fn fields(&mut self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        while let Some((name, value)) = self
            .peek()
            .and_then(|word| word.split_once('='))
            .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        {
            fields.push((name.to_owned(), value.to_owned()));
            self.next += 1;
        }
        fields
    }

    fn moment(&mut self, form: &str) -> Result<Moment, Mistake> {
        let (at, word) = self.next("a verb", form)?;
        self.moment_of(at, word)
    }

    fn moment_of(&mut self, at: Range<usize>, word: &str) -> Result<Moment, Mistake> {
        let (verb, nth) = match word.split_once('#') {
            None => (word, 1),
            Some((verb, nth)) => match nth.parse() {
                Ok(nth) if nth > 0 => (verb, nth),
                _ => {
                    return Err(mistake(
                        at,
                        format!("`{nth}` does not say the how-manieth"),
                        "write a number from 1, such as `committed#2`",
                    ));
                }
            },
        };
        if verb.is_empty() {
            return Err(mistake(
                at,
                "a verb is missing",
                "write one as the trace does, such as `committed`",
            ));
        }
        Ok(Moment {
            verb: verb.to_owned(),
            nth,
            fields: self.fields(),
        })
    }

    fn query(&mut self) -> Result<Query, Mistake> {
        let at = match self.peek().and_then(|word| word.strip_prefix('@')) {
            Some(word) => {
                let (at, _) = self.next("a moment", "@VERB#n QUESTION")?;
                Some(self.moment_of(at.start + 1..at.end, word)?)
            }
            None => None,
        };
        let measure = self.measure()?;
        Ok(Query { at, measure })
    }

    fn measure(&mut self) -> Result<Measure, Mistake> {
        let known = FORMS.map(|(name, _)| name).join(", ");
        let (place, name) =
            self.next("the question", &format!("QUESTION …` with one of `{known}"))?;
        let form = FORMS
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, form)| form);
        let mut word = |what: &str| self.next(what, form).map(|(_, word)| word.to_owned());
        Ok(match name {
            "committed" => Measure::Committed {
                group: word("the group")?,
                partition: word("the partition")?,
            },
            "position" => Measure::Position {
                consumer: word("the consumer")?,
                partition: word("the partition")?,
            },
            "end" => Measure::End {
                partition: word("the partition")?,
            },
            "lag" => Measure::Lag {
                group: word("the group")?,
                partition: word("the partition")?,
            },
            "times" => Measure::Times {
                service: word("the service")?,
                record: word("the record")?,
            },
            "total" => Measure::Total {
                service: word("the service")?,
            },
            "count" => Measure::Count {
                verb: word("the verb")?,
                fields: self.fields(),
            },
            "ms" => Measure::Ms(self.moment(form)?),
            "gap_ms" => Measure::GapMs(self.moment(form)?, self.moment(form)?),
            "visible" => Measure::Visible {
                queue: word("the queue")?,
            },
            "in_flight" => Measure::InFlight {
                queue: word("the queue")?,
            },
            "lost" => Measure::Lost,
            "duplicated" => Measure::Duplicated,
            "reordered" => Measure::Reordered,
            "stuck" => Measure::Stuck,
            "surplus" => Measure::Surplus {
                table: word("the table")?,
            },
            "config" => Measure::Config {
                party: word("the client, topic or broker")?,
                name: word("the setting's name")?,
            },
            "seconds" => {
                let is_time = matches!(self.peek(), Some("ms" | "gap_ms" | "config"));
                match is_time.then(|| self.measure()).transpose()? {
                    Some(measure) if is_in_ms(&measure) => Measure::Seconds(Box::new(measure)),
                    _ => {
                        return Err(mistake(
                            place,
                            "this is no number of milliseconds",
                            "write `seconds` before `ms`, `gap_ms`, or `config` of a setting whose name ends in `ms`",
                        ));
                    }
                }
            }
            _ => {
                return Err(mistake(
                    place,
                    format!("`{name}` is no question"),
                    format!("write one of: {known}"),
                ));
            }
        })
    }

    fn done(&self) -> Result<(), Mistake> {
        match self.words.get(self.next) {
            None => Ok(()),
            Some((at, word)) => Err(mistake(
                at.clone(),
                format!("`{word}` is one word too many"),
                "remove it",
            )),
        }
    }
}

fn mistake(at: Range<usize>, what: impl Into<String>, help: impl Into<String>) -> Mistake {
    Mistake {
        at,
        what: what.into(),
        help: help.into(),
    }
}

impl FromStr for Query {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let mut words = Words::of(text);
        let query = words.query()?;
        words.done()?;
        Ok(query)
    }
}

impl FromStr for Moment {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let mut words = Words::of(text);
        let moment = words.moment("VERB[#n] [FIELD=VALUE …]")?;
        words.done()?;
        Ok(moment)
    }
}

impl FromStr for Condition {
    type Err = Mistake;

    fn from_str(text: &str) -> Result<Self, Mistake> {
        let form = "QUESTION = NUMBER";
        let mut words = Words::of(text);
        let query = words.query()?;
        let (at, sign) = words.next("a comparison", form)?;
        let comparison = match sign {
            "=" => Comparison::Equal,
            ">=" => Comparison::AtLeast,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Above,
            "<" => Comparison::Below,
            _ => {
                return Err(mistake(
                    at,
                    format!("`{sign}` is no comparison"),
                    "write one of: =, >=, <=, >, <, with a space on both sides",
                ));
            }
        };
        let (at, number) = words.next("the number", form)?;
        let number = number.parse().map_err(|_| {
            mistake(
                at,
                format!("`{number}` is no whole number"),
                "write one such as 2",
            )
        })?;
        words.done()?;
        Ok(Condition {
            query,
            comparison,
            number,
        })
    }
}
