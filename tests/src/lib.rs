//! Readers of the test data.
