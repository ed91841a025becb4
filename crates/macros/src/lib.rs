//! The derives of Seedbed.
