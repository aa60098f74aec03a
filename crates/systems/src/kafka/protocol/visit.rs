//! The names and numbers in requests and responses.

use super::{Candidate, Joined, ProducerRequest, Request, Response};
use crate::kafka::produce::Membership;
use crate::visit::{Visit, Visitor};

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::JoinGroup {
                member,
                subscription,
                ..
            } => {
                subscription.generation.visit(visitor);
                member.visit(visitor);
            }
            Request::LeaveGroup { member, .. } => member.visit(visitor),
            Request::SyncGroup {
                member,
                generation,
                assignments,
                ..
            } => {
                generation.visit(visitor);
                member.visit(visitor);
                assignments.visit(visitor);
            }
            Request::Heartbeat {
                member, generation, ..
            }
            | Request::OffsetCommit {
                member, generation, ..
            } => {
                generation.visit(visitor);
                member.visit(visitor);
            }
            Request::Producer(request) => request.visit(visitor),
            Request::OffsetFetch { .. } | Request::ListOffsets { .. } | Request::Fetch { .. } => {}
        }
    }
}

impl Visit for ProducerRequest {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let ProducerRequest::TxnOffsetCommit { membership, .. } = self {
            membership.visit(visitor);
        }
    }
}

impl Visit for Membership {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.generation.visit(visitor);
        self.member.visit(visitor);
    }
}

impl Visit for Candidate {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.subscription.generation.visit(visitor);
        self.id.visit(visitor);
    }
}

impl Visit for Joined {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.generation.visit(visitor);
        self.member.visit(visitor);
        self.leader.visit(visitor);
        self.members.visit(visitor);
    }
}

impl Visit for Response {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Response::Joined(Ok(joined)) => joined.visit(visitor),
            Response::Joined(Err((_, member))) => member.visit(visitor),
            Response::Synced(_)
            | Response::HeartbeatAnswered(_)
            | Response::LeaveAnswered(_)
            | Response::CommitAnswered(_)
            | Response::Committed(_)
            | Response::Ends(_)
            | Response::Producer(_)
            | Response::Fetched(_) => {}
        }
    }
}
