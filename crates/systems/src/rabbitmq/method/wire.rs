//! Methods on their way: what numbers they carry, and what their loss would mean.

use super::{Answer, Method, Reply, Request};
use crate::rabbitmq::connection::{delivery_tags, publishes};
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Method::BasicAck { delivery_tag, .. }
        | Method::BasicReject { delivery_tag, .. }
        | Method::BasicNack { delivery_tag, .. } = &mut *self.method
        {
            visitor.counter(delivery_tags(self.channel), delivery_tag);
        }
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match &mut *self.answer {
            Answer::BasicDeliver { delivery, .. } | Answer::BasicGetOk { delivery, .. } => {
                visitor.counter(delivery_tags(self.channel), &mut delivery.delivery_tag);
            }
            Answer::Confirmed { delivery_tag } | Answer::Refused { delivery_tag } => {
                visitor.counter(publishes(self.channel), delivery_tag);
            }
            _ => {}
        }
    }
}

impl Wire for Request {
    /// A connection loses nothing while it stands. What is sent as it breaks does: of a publish its sender
    /// has a time-out to notice it; whoever consumes notices by the deliveries that come again.
    fn can_be_lost(&self) -> bool {
        matches!(*self.method, Method::BasicPublish(_))
    }
    fn about(&self) -> About {
        match &*self.method {
            Method::BasicPublish(publish) => About::Records(publish.record.into_iter().collect()),
            Method::BasicAck { .. } | Method::BasicReject { .. } | Method::BasicNack { .. } => {
                About::Settling(Vec::new())
            }
            _ => About::Nothing,
        }
    }
}

impl Wire for Reply {
    fn can_be_lost(&self) -> bool {
        matches!(
            *self.answer,
            Answer::Confirmed { .. } | Answer::Refused { .. }
        )
    }
    fn about(&self) -> About {
        match &*self.answer {
            Answer::BasicDeliver { delivery, .. } | Answer::BasicGetOk { delivery, .. } => {
                About::Records(delivery.message.record.into_iter().collect())
            }
            Answer::BasicReturn { message, .. } => {
                About::Records(message.record.into_iter().collect())
            }
            _ => About::Nothing,
        }
    }
}
