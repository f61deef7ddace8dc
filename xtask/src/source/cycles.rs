//! Cycles between the files of a package, and between the files and folders of each of its folders.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};

use super::edges::Edge;
use super::tree::Tree;

/// How many edges of one cycle are shown.
const SHOWN_EDGES: usize = 12;
/// How many names of one edge are shown.
const SHOWN_NAMES: usize = 3;

/// What the members of a cycle are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Files of any folder.
    Files,
    /// Files and folders of one folder.
    Folders,
}

/// A set of members, each of which can be reached from every other.
pub(crate) struct Cycle {
    pub(crate) level: Level,
    /// The folder of the members.
    place: PathBuf,
    pub(crate) members: BTreeSet<PathBuf>,
    /// Edges between members as from, to, and names with lines; a shortest cycle first.
    edges: Vec<(PathBuf, PathBuf, Vec<String>)>,
}

/// The edges from one member to another.
type Links<'a> = BTreeMap<(PathBuf, PathBuf), Vec<&'a Edge>>;

/// All cycles of the package in a folder: first those of files, then those that exist only between
/// folders.
pub(crate) fn cycles(tree: &Tree, edges: &[Edge], package: impl AsRef<Path>) -> Vec<Cycle> {
    let package = package.as_ref();
    let mut files = Links::new();
    let mut folders = BTreeMap::<PathBuf, Links<'_>>::new();
    for edge in edges {
        let (from, to) = (&tree.files[edge.from], &tree.files[edge.to]);
        if from.package != package || to.package != package {
            continue;
        }
        let ends = (from.path.clone(), to.path.clone());
        files.entry(ends).or_default().push(edge);
        let (folder, ends) = children(&from.path, &to.path);
        let links = folders.entry(folder).or_default();
        links.entry(ends).or_default().push(edge);
    }
    let mut found = in_links(tree, Level::Files, package, &files);
    for (folder, links) in &folders {
        let cycles = in_links(tree, Level::Folders, folder, links);
        let is_folder = |member: &PathBuf| member.extension().is_none();
        found.extend(
            cycles
                .into_iter()
                .filter(|cycle| cycle.members.iter().any(is_folder)),
        );
    }
    found
}

/// The innermost folder that contains both files, and the child of it that is or contains each file.
fn children(from: &Path, to: &Path) -> (PathBuf, (PathBuf, PathBuf)) {
    let folder: PathBuf = from
        .iter()
        .zip(to)
        .take_while(|(one, other)| one == other)
        .map(|(part, _)| part)
        .collect();
    let depth = folder.iter().count() + 1;
    let child = |path: &Path| path.iter().take(depth).collect();
    let ends = (child(from), child(to));
    (folder, ends)
}

fn in_links(tree: &Tree, level: Level, place: &Path, links: &Links<'_>) -> Vec<Cycle> {
    let mut next = BTreeMap::<&Path, BTreeSet<&Path>>::new();
    for (from, to) in links.keys() {
        next.entry(from).or_default().insert(to);
    }
    let reached: BTreeMap<_, _> = next
        .keys()
        .map(|start| (*start, reach(&next, start)))
        .collect();
    let mut found = Vec::<Cycle>::new();
    for (start, far) in &reached {
        // The members that can be reached from `start` and from which it can be reached; none outside a cycle.
        let members: BTreeSet<PathBuf> = far
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(start)))
            .map(|path| path.to_path_buf())
            .collect();
        if !members.is_empty() && !found.iter().any(|cycle| cycle.members.contains(*start)) {
            found.push(Cycle {
                level,
                place: place.into(),
                edges: shown(tree, links, &next, &members),
                members,
            });
        }
    }
    found
}

/// Everything that can be reached from `start`. It contains `start` itself only within a cycle.
fn reach<'a>(next: &BTreeMap<&'a Path, BTreeSet<&'a Path>>, start: &'a Path) -> BTreeSet<&'a Path> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for to in next.get(at).into_iter().flatten() {
            if found.insert(*to) {
                open.push(to);
            }
        }
    }
    found
}

/// The edges between members, those of a shortest cycle first.
fn shown(
    tree: &Tree,
    links: &Links<'_>,
    next: &BTreeMap<&Path, BTreeSet<&Path>>,
    members: &BTreeSet<PathBuf>,
) -> Vec<(PathBuf, PathBuf, Vec<String>)> {
    let shortest = members
        .iter()
        .filter_map(|start| way_round(next, start))
        .min_by_key(Vec::len)
        .unwrap_or_default();
    let first = |ends: &(PathBuf, PathBuf)| {
        shortest
            .iter()
            .position(|step| *step == (ends.0.as_path(), ends.1.as_path()))
            .unwrap_or(usize::MAX)
    };
    let mut within: Vec<_> = links
        .iter()
        .filter(|((from, to), _)| members.contains(from) && members.contains(to))
        .collect();
    // Then pairs that use each other, next to each other.
    within.sort_by_cached_key(|(ends, _)| {
        let (from, to) = ends;
        let back = links.contains_key(&(to.clone(), from.clone()));
        (
            first(ends),
            !back,
            from.max(to).clone(),
            from.min(to).clone(),
        )
    });
    within
        .into_iter()
        .map(|((from, to), edges)| (from.clone(), to.clone(), names(tree, edges)))
        .collect()
}

/// The names that cause the edges, with file and line; imports first, since they say most.
fn names(tree: &Tree, edges: &[&Edge]) -> Vec<String> {
    let is_whole = |edge: &Edge| {
        let first = edge.name.split("::").next();
        matches!(first, Some("crate" | "self" | "super"))
    };
    let mut edges = edges.to_vec();
    edges.sort_by_key(|edge| !is_whole(edge));
    edges
        .iter()
        .map(|edge| {
            let file = tree.files[edge.from].path.display();
            format!("{} ({file}:{})", edge.name, edge.line)
        })
        .collect()
}

/// The steps of a shortest cycle through `start`.
fn way_round<'a>(
    next: &BTreeMap<&'a Path, BTreeSet<&'a Path>>,
    start: &'a Path,
) -> Option<Vec<(&'a Path, &'a Path)>> {
    let mut before = BTreeMap::<&Path, &Path>::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for to in next.get(at).into_iter().flatten() {
            before.entry(to).or_insert_with(|| {
                open.push_back(to);
                at
            });
        }
    }
    let mut steps = Vec::new();
    let mut at = start;
    loop {
        let from = *before.get(at)?;
        steps.push((from, at));
        at = from;
        if at == start {
            steps.reverse();
            return Some(steps);
        }
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.level {
            Level::Files => "files",
            Level::Folders => "files and folders",
        };
        let short = |path: &PathBuf| {
            let path = path.strip_prefix(&self.place).unwrap_or(path);
            path.display().to_string()
        };
        let members: Vec<_> = self.members.iter().map(short).collect();
        write!(
            f,
            "{}: cycle of {} {what}: {}",
            self.place.display(),
            members.len(),
            members.join(", ")
        )?;
        for (from, to, names) in self.edges.iter().take(SHOWN_EDGES) {
            let some: Vec<_> = names.iter().take(SHOWN_NAMES).map(String::as_str).collect();
            write!(
                f,
                "\n  {} -> {}: {}",
                short(from),
                short(to),
                some.join(", ")
            )?;
            if names.len() > some.len() {
                write!(f, " and {} more", names.len() - some.len())?;
            }
        }
        if self.edges.len() > SHOWN_EDGES {
            write!(f, "\n  and {} more edges", self.edges.len() - SHOWN_EDGES)?;
        }
        Ok(())
    }
}
