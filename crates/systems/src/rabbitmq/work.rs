//! One request, or one thing that was due, being worked on.

use super::connection::{Connections, Owner, Phase};
use super::exchange::Exchanges;
use super::fact::Fact;
use super::message::Message;
use super::method::{Answer, Method, Reply};
use super::queue::Queues;
use super::reply_code::{Closes, Exception, ReplyCode};
use super::settings::Settings;
use super::{Broker, closing::Ending};
use crate::party::{Caller, ClientId};
use crate::{Out, WHOLE};
use explore::slot::Slot;
use explore::time::Instant;
use std::collections::VecDeque;
use std::sync::Arc;

/// The broker while it works: its parts, the time, what it says, and dead letters on their way.
pub(super) struct Work<'a> {
    pub settings: &'a Settings,
    pub exchanges: &'a mut Slot<Exchanges>,
    pub queues: &'a mut Slot<Queues>,
    pub connections: &'a mut Slot<Connections>,
    pub now: Instant,
    pub out: &'a mut Out<Broker>,
    /// Dead letters that were routed and not put into their queues yet.
    pub letters: VecDeque<(Arc<str>, Arc<Message>)>,
}

impl Work<'_> {
    pub fn tell(&mut self, fact: Fact) {
        self.out.tell(fact);
    }

    pub fn reply(&mut self, to: Owner, answer: Answer) {
        let reply = Reply {
            channel: to.channel,
            answer: answer.into(),
        };
        self.out.reply(to.caller, reply);
    }

    /// Takes one method of a client.
    pub fn method(&mut self, owner: Owner, method: Method) {
        match self.answer(owner, method) {
            Ok(Some(answer)) => self.reply(owner, answer),
            Ok(None) => {}
            Err(exception) => self.refuse(owner, exception),
        }
        self.post();
    }

    /// Puts dead letters into their queues, until there are no more.
    pub fn post(&mut self) {
        while let Some((queue, letter)) = self.letters.pop_front() {
            self.enqueue(&queue, letter, None);
        }
    }

    fn answer(&mut self, owner: Owner, method: Method) -> Result<Option<Answer>, Exception> {
        match (&method, self.connections.channel(owner)) {
            (Method::ConnectionClose, _) => {
                self.connection_closed(owner.caller, Some(ReplyCode::ReplySuccess.number()));
                let channel = 0;
                let answer = Answer::ConnectionCloseOk.into();
                self.out.reply(owner.caller, Reply { channel, answer });
                return Ok(None);
            }
            (Method::ChannelOpen, None) => return self.open_channel(owner).map(Some),
            (Method::ChannelOpen, Some(_)) => {
                let cause = "second 'channel.open' seen";
                return Err(Exception::new(ReplyCode::ChannelError, cause));
            }
            (Method::ChannelCloseOk, Some(channel)) if channel.phase == Phase::Closing => {
                self.forget_channel(owner);
                return Ok(None);
            }
            (Method::ChannelClose, Some(channel)) if channel.phase == Phase::Closing => {
                self.forget_channel(owner);
                return Ok(Some(Answer::ChannelCloseOk));
            }
            // The broker waits for `channel.close-ok`.
            (_, Some(channel)) if channel.phase == Phase::Closing => return Ok(None),
            (_, Some(_)) => {}
            (_, None) => {
                let cause = "expected 'channel.open'";
                return Err(Exception::new(ReplyCode::ChannelError, cause));
            }
        }
        match method {
            Method::ChannelClose => {
                self.channel_closed(owner, Ending::Farewell);
                Ok(Some(Answer::ChannelCloseOk))
            }
            Method::ExchangeDeclare(declare) => self.declare_exchange(&declare).map(Some),
            Method::ExchangeDelete {
                exchange,
                if_unused,
            } if WHOLE => self.delete_exchange(&exchange, if_unused).map(Some),
            Method::ExchangeBind(bind) if WHOLE => self.bind_exchange(&bind).map(Some),
            Method::ExchangeUnbind(bind) if WHOLE => self.unbind_exchange(&bind).map(Some),
            Method::QueueDeclare(declare) => self.declare_queue(owner, declare).map(Some),
            Method::QueueBind(bind) => self.bind_queue(owner, &bind).map(Some),
            Method::QueueUnbind(bind) if WHOLE => self.unbind_queue(owner, &bind).map(Some),
            Method::QueuePurge { queue } if WHOLE => self.purge(owner, &queue).map(Some),
            Method::QueueDelete {
                queue,
                if_unused,
                if_empty,
            } if WHOLE => {
                let how = (if_unused, if_empty);
                self.delete_asked(owner, &queue, how).map(Some)
            }
            Method::BasicQos {
                prefetch_count,
                global,
            } => Ok(Some(self.qos(owner, prefetch_count, global))),
            Method::BasicConsume(consume) => self.consume(owner, consume).map(|()| None),
            Method::BasicCancel { consumer_tag } if WHOLE => {
                Ok(Some(self.cancel(owner, consumer_tag)))
            }
            Method::BasicPublish(publish) => self.publish(owner, publish).map(|()| None),
            Method::BasicGet {
                queue,
                acknowledging,
            } if WHOLE => self.get(owner, &queue, acknowledging).map(Some),
            Method::BasicAck {
                delivery_tag,
                multiple,
            } => self.ack(owner, delivery_tag, multiple).map(|()| None),
            Method::BasicReject {
                delivery_tag,
                requeue,
            } => self.reject(owner, delivery_tag, requeue).map(|()| None),
            Method::BasicNack {
                delivery_tag,
                multiple,
                requeue,
            } => {
                let which = (delivery_tag, multiple);
                self.nack(owner, which, requeue).map(|()| None)
            }
            Method::BasicRecover { requeue } if WHOLE => self.recover(owner, requeue).map(Some),
            Method::ConfirmSelect => {
                if let Some(channel) = self.connections.channel_mut(owner) {
                    channel.confirms.get_or_insert(0);
                }
                Ok(Some(Answer::ConfirmSelectOk))
            }
            Method::ConnectionClose | Method::ChannelOpen | Method::ChannelCloseOk => Ok(None),
            Method::ExchangeDelete { .. }
            | Method::ExchangeBind(_)
            | Method::ExchangeUnbind(_)
            | Method::QueueUnbind(_)
            | Method::QueuePurge { .. }
            | Method::QueueDelete { .. }
            | Method::BasicCancel { .. }
            | Method::BasicGet { .. }
            | Method::BasicRecover { .. } => {
                let cause = "no client of a scene asks for this";
                Err(Exception::new(ReplyCode::NotImplemented, cause))
            }
        }
    }

    /// Ends the channel or the connection that an error is about.
    pub fn refuse(&mut self, owner: Owner, exception: Exception) {
        match exception.code.closes() {
            Closes::Channel => {
                self.reply(owner, Answer::ChannelClose(exception.clone()));
                self.channel_closed(owner, Ending::Error(exception.code));
            }
            Closes::Connection => {
                let channel = 0;
                let code = exception.code.number();
                let answer = Answer::ConnectionClose(exception).into();
                self.out.reply(owner.caller, Reply { channel, answer });
                self.connection_closed(owner.caller, Some(code));
            }
        }
    }

    fn open_channel(&mut self, owner: Owner) -> Result<Answer, Exception> {
        if owner.channel == 0 {
            let cause = "channel 0 is the connection's own";
            return Err(Exception::new(ReplyCode::ChannelError, cause));
        }
        if let Some(connection) = self.connections.of(owner.caller) {
            let channel = super::connection::Channel::new(owner.channel);
            connection.channels.push(channel);
        }
        self.tell(Fact::ChannelOpened {
            client: client(owner.caller),
            channel: owner.channel,
        });
        Ok(Answer::ChannelOpenOk)
    }
}

/// The client of a connection.
pub(super) const fn client(caller: Caller) -> ClientId {
    ClientId(caller.client)
}
