mod import;
mod typologies;
