//! Batches as they stand on a real disk: the message format, version 2, byte by byte. Source: "Record
//! Batch" and "Record" in Kafka's documentation. Checksums are left at 0.

use systems::kafka::log::record::Batch;

fn varint(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn field(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => varint(out, -1),
        Some(bytes) => {
            varint(out, bytes.len() as i64);
            out.extend(bytes);
        }
    }
}

/// The bytes of a batch that begins at offset 0.
pub fn batch(batch: &Batch) -> Vec<u8> {
    let first = batch.records.first().map_or(0, |one| one.timestamp.0);
    let latest = batch.records.iter().map(|one| one.timestamp.0).max();
    let count = batch.records.len() as i32;
    let mut body = Vec::new();
    body.extend(0_i32.to_be_bytes()); // leader epoch
    body.push(2); // magic
    body.extend(0_u32.to_be_bytes()); // checksum
    body.extend((i16::from(batch.transactional) << 4).to_be_bytes());
    body.extend((count - 1).to_be_bytes());
    body.extend(first.to_be_bytes());
    body.extend(latest.unwrap_or(-1).to_be_bytes());
    let stamp = batch.stamp;
    body.extend(stamp.map_or(-1, |one| one.producer.0 as i64).to_be_bytes());
    body.extend(stamp.map_or(-1, |one| one.epoch.0).to_be_bytes());
    body.extend(stamp.map_or(-1, |one| one.sequence.0).to_be_bytes());
    body.extend(count.to_be_bytes());
    for (at, record) in batch.records.iter().enumerate() {
        let mut inner = vec![0]; // attributes
        varint(&mut inner, record.timestamp.0.saturating_sub(first));
        varint(&mut inner, at as i64);
        field(&mut inner, record.key.as_deref());
        field(&mut inner, record.value.as_deref());
        varint(&mut inner, record.headers.len() as i64);
        for header in &record.headers {
            field(&mut inner, Some(header.name.as_bytes()));
            field(&mut inner, header.value.as_deref());
        }
        varint(&mut body, inner.len() as i64);
        body.extend(inner);
    }
    let mut out = 0_i64.to_be_bytes().to_vec(); // base offset
    out.extend((body.len() as i32).to_be_bytes());
    out.extend(body);
    out
}
