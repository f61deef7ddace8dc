mod compact;
mod loss;
mod prune;
mod publish;
mod stash;
