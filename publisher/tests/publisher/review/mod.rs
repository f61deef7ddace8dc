mod delist;
mod protect;
mod sources;
