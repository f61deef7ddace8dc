mod damage;
mod migration;
mod rebuilding;
