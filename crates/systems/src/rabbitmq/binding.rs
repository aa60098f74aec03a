//! Bindings: making and ending them.

use super::connection::Owner;
use super::declaring::default_exchange;
use super::exchange::{Binding, Destination, Kind};
use super::fact::Fact;
use super::headers;
use super::method::{Answer, Bind};
use super::reply_code::Exception;
use super::topic;
use super::work::Work;
use crate::WHOLE;

impl Work<'_> {
    pub(super) fn bind_queue(&mut self, owner: Owner, bind: &Bind) -> Result<Answer, Exception> {
        if bind.source.is_empty() {
            return Err(default_exchange());
        }
        self.known_queue(owner, &bind.destination)?;
        self.bind(bind, Destination::Queue(bind.destination.clone()))
    }

    pub(super) fn bind_exchange(&mut self, bind: &Bind) -> Result<Answer, Exception> {
        if bind.source.is_empty() || bind.destination.is_empty() {
            return Err(default_exchange());
        }
        if !self.exchanges.by_name.contains_key(&bind.destination) {
            return Err(Exception::no_exchange(&bind.destination));
        }
        self.bind(bind, Destination::Exchange(bind.destination.clone()))
    }

    fn bind(&mut self, bind: &Bind, destination: Destination) -> Result<Answer, Exception> {
        let Some(exchange) = self.exchanges.by_name.get(&bind.source) else {
            return Err(Exception::no_exchange(&bind.source));
        };
        if WHOLE && exchange.kind == Kind::Headers {
            headers::validate(&bind.arguments).map_err(Exception::precondition)?;
        }
        let is_limited = self.settings.topic_binding_wildcard_limit && exchange.kind == Kind::Topic;
        if is_limited && !topic::is_within_limit(&bind.routing_key) {
            return Err(Exception::precondition(format!(
                "topic binding key '{}' has more than {} '#' wildcards",
                bind.routing_key,
                topic::WILDCARD_LIMIT
            )));
        }
        let binding = Binding {
            destination,
            arguments: bind.arguments.clone(),
        };
        if self
            .exchanges
            .bind(&bind.source, bind.routing_key.clone(), binding)
        {
            self.tell(Fact::Bound {
                exchange: bind.source.clone(),
                key: bind.routing_key.clone(),
                destination: bind.destination.clone(),
            });
        }
        Ok(Answer::BindOk)
    }

    pub(super) fn unbind_queue(&mut self, owner: Owner, bind: &Bind) -> Result<Answer, Exception> {
        if self.queues.by_name.contains_key(&bind.destination) {
            self.known_queue(owner, &bind.destination)?;
        }
        self.unbind(bind, Destination::Queue(bind.destination.clone()))
    }

    pub(super) fn unbind_exchange(&mut self, bind: &Bind) -> Result<Answer, Exception> {
        self.unbind(bind, Destination::Exchange(bind.destination.clone()))
    }

    fn unbind(&mut self, bind: &Bind, destination: Destination) -> Result<Answer, Exception> {
        if bind.source.is_empty() {
            return Err(default_exchange());
        }
        let binding = Binding {
            destination,
            arguments: bind.arguments.clone(),
        };
        let key = &bind.routing_key;
        let (was_there, gone) = self.exchanges.unbind(&bind.source, key, &binding);
        if was_there {
            self.tell(Fact::Unbound {
                exchange: bind.source.clone(),
                key: key.clone(),
                destination: bind.destination.clone(),
            });
        }
        self.exchanges_gone(gone);
        Ok(Answer::UnbindOk)
    }
}
