//! Nothing that somebody sends costs more than it should: connections, documents, sockets, points, tokens, answers.

mod answers;
mod connections;
mod documents;
mod labels;
mod points;
mod sockets;
mod strangers;
mod tokens;
