mod disclosure;
mod edition;
