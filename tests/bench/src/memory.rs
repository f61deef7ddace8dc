//! How much memory a process holds and which time it has used, as reported by Linux.

use std::fs;

/// Bytes this process holds; `None` where there is no such file.
pub(crate) fn resident() -> Option<u64> {
    resident_of("self")
}

/// Bytes that the process of this id holds.
pub(crate) fn resident_of(id: &str) -> Option<u64> {
    status(id, "VmRSS:")
}

/// Runs something and says the most this process held meanwhile.
pub(crate) fn peak_of<T>(run: impl FnOnce() -> T) -> (T, Option<u64>) {
    // Proc_pid_clear_refs(5): 5 sets the peak back to what is held now.
    let reset = fs::write("/proc/self/clear_refs", "5");
    let outcome = run();
    (outcome, reset.ok().and_then(|()| status("self", "VmHWM:")))
}

/// Milliseconds of processors that the process of this id has used (proc_pid_stat(5), fields 14 and 15, in hundredths).
pub(crate) fn processor_of(id: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before it may hold spaces.
    let (_, fields) = stat.rsplit_once(") ")?;
    let used = fields.split(' ').skip(11).take(2);
    let used: Vec<f64> = used.map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(used.iter().sum::<f64>() * 10.0)
}

fn status(id: &str, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}
