//! One tenant moves from one deployment to another: what the API showed there it shows here, or nothing happened.

mod breaking;
mod elsewhere;
mod refusing;
mod showing;
mod suspended;
mod walking;
