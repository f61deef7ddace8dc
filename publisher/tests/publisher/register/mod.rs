mod damage;
mod migration;
