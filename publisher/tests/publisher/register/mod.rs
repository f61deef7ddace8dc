mod migration;
