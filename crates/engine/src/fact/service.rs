//! What services with an effect outside do.

use crate::cast::{ConsumerId, RecordId, ServiceId};

systems::facts! {
    /// A request to a service left a consumer.
    Detail EffectAsked "effect_asked" {
        /// Who asks.
        consumer: ConsumerId,
        /// Which service.
        service: ServiceId,
        /// For which record.
        record: RecordId,
    }
    /// A service did its work: the mail is out. It cannot be taken back.
    Headline EffectDone "effect_done" {
        /// Which service.
        service: ServiceId,
        /// For whom.
        consumer: ConsumerId,
        /// For which record.
        record: RecordId,
        /// How often it has done so for this record, this time included.
        times: u32,
    }
    /// A service was asked with an idempotency key it knows, and did nothing.
    Headline KnownKey "known_key" {
        /// Which service.
        service: ServiceId,
        /// Who asked.
        consumer: ConsumerId,
        /// For which record.
        record: RecordId,
    }
}
