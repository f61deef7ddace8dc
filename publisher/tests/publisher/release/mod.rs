mod compact;
mod ends;
mod guard;
mod loss;
mod prune;
mod publish;
mod stash;
