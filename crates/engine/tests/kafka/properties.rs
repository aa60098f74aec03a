//! Properties of parts: the sizes of batches, sequences, the producer's state machine.
