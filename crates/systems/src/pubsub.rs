//! Google Cloud Pub/Sub.
