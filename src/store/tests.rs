//! The store on a real file in a temporary directory.
