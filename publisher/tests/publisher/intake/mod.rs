mod import;
mod spellings;
mod typologies;
