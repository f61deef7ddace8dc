mod beside;
mod feeds;
mod import;
mod recognition;
mod spellings;
mod typologies;
