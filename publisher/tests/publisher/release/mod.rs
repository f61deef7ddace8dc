mod compact;
mod ends;
mod loss;
mod prune;
mod publish;
mod stash;
