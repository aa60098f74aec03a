//! The language for a search that has none: requests and responses as JSON text, by the protocol in
//! [`engine::handler::language`].

use crate::Code;
use engine::handler::language::{Request, Response};

/// The programs that were read, by number.
#[derive(Debug, Default)]
pub struct Language {
    programs: Vec<Code>,
}

impl Language {
    /// Answers a request.
    pub fn answer(&mut self, request: &str) -> String {
        let response = match serde_json::from_str(request) {
            Ok(request) => self.respond(request),
            Err(error) => Response::Misunderstood(error.to_string()),
        };
        serde_json::to_string(&response).expect("a response has a JSON form")
    }

    fn respond(&mut self, request: Request) -> Response {
        match request {
            Request::Read { source, vocabulary } => match Code::read(&source, vocabulary) {
                Ok(code) => {
                    self.programs.push(code);
                    Response::Read((self.programs.len() - 1) as u32)
                }
                Err(problems) => Response::Unreadable(problems),
            },
            Request::Next {
                program,
                delivery,
                answers,
            } => match self.programs.get(program as usize) {
                Some(code) => Response::Turn(code.run(&delivery, &answers)),
                None => Response::Misunderstood(format!("there is no program {program}")),
            },
        }
    }
}
