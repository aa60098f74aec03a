//! What comes twice, and what comes back: copies that are sent, work that is asked for twice, messages that are
//! given back.

use engine::fact::service;
use engine::scene::{Selection, Told};
use engine::{Cast, Choice, Fact, Path, Run, Scene};
use schedule::Exploration;
use std::sync::Arc;
use web::stage::figure::leases::LeaseEnd;
use web::stage::figure::{Figure, figures};
use web::stage::moment::Moment;
use web::stage::player::Player;
use web::stage::sentence::{self, Sentence, Tone};

const LOST_ANSWER: &str = include_str!("../../lessons/guarantees/lost-answer.scene.json");
const ONE_CRASH: &str = include_str!("../../lessons/guarantees/one-crash.scene.json");
const LATE_FILE: &str = include_str!("../../lessons/retry/late-file.scene.json");
