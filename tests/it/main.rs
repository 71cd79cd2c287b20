//! What the program does on real input, a module a capability.

mod ledger;
