//! What stores on a server promise beyond the contract.
