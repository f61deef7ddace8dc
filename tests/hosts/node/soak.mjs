export function soak() {}
