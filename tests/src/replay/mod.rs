//! Worlds lived through the public API, end to end: what the files say is what the API says afterwards.

mod killed;
mod proof;
mod real;
mod town;
