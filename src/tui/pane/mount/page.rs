//! A mount in rows: what it is, its files in plain words, and below them the tree as the container sees it.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::listing::{Entry, Listing};
use super::looks::look;
use super::promise::{self, Promise, files, next_words};
use super::spec::{Key, Mount, Pod, State, Volume};
use super::{Look, Spot, Unseen};
use crate::base::{sanitize_line, time_of_day};
use crate::tui::pane::objects::Detail;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, put, put_right, wrap_plain, wrap_spans};
use crate::tui::world::World;

/// How long a change of the files is marked.
const JUST: SignedDuration = SignedDuration::from_secs(90);
/// The most columns a file's name takes beside its words.
const NAME: usize = 18;

/// A row of the list: path and container. `count` is said where rows of the list are hidden: `2 of 4`.
pub fn draw_spot(world: &World, spot: Spot<'_>, selected: bool, count: Option<String>, row: Rect, buf: &mut Buffer) {
    let theme = world.theme;
    let count = count.filter(|_| selected).unwrap_or_default();
    put_right(buf, row, 0, &count, theme.style(Meaning::Dim));
    let row = Rect { width: row.width.saturating_sub(u16::try_from(cells(&count)).unwrap_or(0)), ..row };
    let (sign, style) = if selected { ("▸ ", theme.style(Meaning::Title)) } else { ("  ", Style::new()) };
    let used = put(buf, row, 0, 0, sign, theme.style(Meaning::Accent));
    let path = spot.mount.map_or("nothing is mounted".into(), |mount| sanitize_line(&mount.path));
    let room = usize::from(row.width).saturating_sub(usize::from(used));
    // Where both do not fit, the path is what tells the rows apart.
    let name = cut(&spot.container.name, room.saturating_sub(cells(&path) + 2)).into_owned();
    let used = used + put(buf, row, used, 0, &cut(&path, room), style);
    if cells(&name) > 1 {
        put(buf, row, used, 0, &format!("  {name}"), theme.style(Meaning::Dim));
    }
}

/// A mount in rows of `width` columns.
pub fn page(world: &World, key: &Key, pod: &Pod, spot: Spot<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let mut rows = head(world, key, pod, spot, width);
    let Some(mount) = spot.mount else { return rows };
    rows.extend(place(pod, mount, theme, width));
    let Some(look) = look(&world.panes.mount.pods, world, key, pod, spot) else { return rows };
    let seen = world.panes.mount.seen.as_ref().filter(|seen| seen.of == look);
    let listing = seen.and_then(|seen| seen.tree.as_ref().ok());
    let promises = files(&world.panes.mount.pods, &world.panes.objects.index, key, pod, mount);
    for promise in &promises {
        rows.extend(file(world, &look, pod, mount, promise, listing, &promises, width));
    }
    let dim = theme.style(Meaning::Dim);
    let state = &spot.container.state;
    match seen.map(|seen| &seen.tree) {
        _ if *state == State::Ended => {
            rows.extend(wrap_plain("The container has ended: its tree can no longer be seen.", dim, width, 0));
        }
        // What is waited for stands at the top.
        _ if *state != State::Running => {}
        None => rows.extend(wrap_plain("Looking into the container …", dim, width, 0)),
        Some(Ok(listing)) => rows.extend(tree(world, listing, width)),
        Some(Err(Unseen::NoList)) => {
            let say = "The image has no ls, so the tree cannot be shown; above stands what the pod's spec promises.";
            rows.extend(wrap_plain(say, dim, width, 0));
        }
        Some(Err(Unseen::Said(why))) => {
            let say =
                format!("? The tree cannot be seen: {}. Above stands what the spec promises.", sanitize_line(why));
            rows.extend(wrap_plain(&say, theme.style(Meaning::Change), width, 2));
        }
    }
    rows
}

/// Whose view it is, what is waited for, and whether there is a token.
fn head(world: &World, key: &Key, pod: &Pod, spot: Spot<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let (dim, title) = (theme.style(Meaning::Dim), theme.style(Meaning::Title));
    let mut said = String::new();
    // Most pods have one container, and many of those its name: then there is nothing to tell apart.
    if spot.container.name != key.1 || pod.containers.len() > 1 {
        said.push_str(&format!(" · container {}", spot.container.name));
    }
    said.push_str(&format!(" · sa {}", pod.account));
    if pod.phase != "Running" {
        said.push_str(&format!(" · {}", pod.phase));
    }
    let spans = [Span::styled("pod ", dim), Span::styled(key.1.clone(), title), Span::styled(said, dim)];
    let mut rows = wrap_spans(&spans, width, &[], 2);
    if let State::Waiting(reason, message) = &spot.container.state {
        rows.extend(wrap_plain(&waits(world, key, pod, reason, message), theme.style(Meaning::Change), width, 2));
    }
    let brings = |mount: &Mount| {
        promise::volume(pod, mount)
            .is_some_and(|volume| promise::brings_token(&world.panes.objects.index, &key.0, volume))
    };
    if !spot.container.mounts.iter().any(brings) {
        rows.extend(wrap_plain(&no_token(world, key, pod), theme.style(Meaning::Change), width, 2));
    }
    rows
}

/// What a container waits for that does not run.
fn waits(world: &World, key: &Key, pod: &Pod, reason: &str, message: &str) -> String {
    if let Some(why) = &pod.unscheduled {
        return format!("… It waits for a node: {why}");
    }
    let mounts = pod.containers.iter().flat_map(|container| &container.mounts);
    let missing = mounts
        .flat_map(|mount| files(&world.panes.mount.pods, &world.panes.objects.index, key, pod, mount))
        .find_map(|promise| match promise.next {
            promise::Next::Missing(say) if !say.contains("may be missing") => Some(say),
            _ => None,
        });
    match (missing, reason, message) {
        (Some(missing), ..) => format!("… It waits for its volumes: {missing}."),
        (None, "", _) => "… It waits for the kubelet, which mounts the volumes before it starts anything.".to_owned(),
        (None, "ContainerCreating" | "PodInitializing", "") => {
            format!("… It waits ({reason}): volumes first, then the image, then the container.")
        }
        (None, reason, "") => format!("… It waits: {reason}."),
        (None, reason, message) => format!("… It waits: {reason}: {message}"),
    }
}

/// That no token is mounted, and why.
fn no_token(world: &World, key: &Key, pod: &Pod) -> String {
    let account = world.panes.objects.index.get(&key.0, "ServiceAccount", &pod.account);
    let of_account = account.and_then(|object| match &object.detail {
        Detail::Account { automount } => *automount,
        _ => None,
    });
    let why = match (pod.automount, of_account) {
        (Some(false), _) => "the pod's spec says automountServiceAccountToken: false".to_owned(),
        (None, Some(false)) => format!("sa {} says automountServiceAccountToken: false", pod.account),
        _ => "none was asked for when the pod was made, and later changes of the account do not reach it".to_owned(),
    };
    format!("· No token is mounted in this container: {why}.")
}

/// Where the mount is, and what is mounted there.
fn place(pod: &Pod, mount: &Mount, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let dim = theme.style(Meaning::Dim);
    let volume = promise::volume(pod, mount);
    let filled = volume.is_some_and(|volume| !volume.sources.is_empty());
    let writable = match (mount.read_only, filled) {
        (true, _) => "read-only",
        (false, true) => "read-only, as all that the kubelet fills",
        (false, false) => "may be written",
    };
    let what = volume.map_or_else(|| "a volume the pod does not have".to_owned(), of_volume);
    let path = Span::styled(sanitize_line(&mount.path).into_owned(), theme.style(Meaning::Code));
    let mut rows = wrap_spans(&[path, Span::styled(format!(" · {writable}"), dim)], width, &[], 2);
    let mut said = format!("volume {}: {what}", mount.volume);
    if let Some(part) = &mount.part {
        said.push_str(&format!("; only its part {part} (subPath)"));
    }
    rows.extend(wrap_plain(&said, dim, width, 2));
    rows
}

fn of_volume(volume: &Volume) -> String {
    match (volume.kind.as_str(), volume.of.as_str()) {
        ("projected", _) => "projected from several sources".to_owned(),
        ("secret", _) => "a file for each key of a secret".to_owned(),
        ("configMap", _) => "a file for each key of a config map".to_owned(),
        ("downwardAPI", _) => "what the pod says of itself".to_owned(),
        ("emptyDir", "Memory") => "emptyDir in memory, empty at first and gone with the pod".to_owned(),
        ("emptyDir", _) => "emptyDir, empty at first and gone with the pod".to_owned(),
        ("hostPath", path) => format!("hostPath, {path} of the node itself"),
        ("persistentVolumeClaim", claim) => format!("what claim {claim} was given; it outlives the pod"),
        (kind, "") => kind.to_owned(),
        (kind, of) => format!("{kind} {of}"),
    }
}

/// A file in plain words.
#[expect(clippy::too_many_arguments, reason = "what a file's words depend on")]
fn file(
    world: &World,
    look: &Look,
    pod: &Pod,
    mount: &Mount,
    promise: &Promise,
    listing: Option<&Listing>,
    all: &[Promise],
    width: usize,
) -> Vec<Line<'static>> {
    let theme = world.theme;
    let named = |promise: &Promise| match promise.path.as_str() {
        "" => sanitize_line(mount.path.rsplit('/').next().unwrap_or_default()).into_owned(),
        path => path.to_owned(),
    };
    let longest = all.iter().map(|promise| cells(&named(promise))).max().unwrap_or(0).min(NAME).min(width / 3);
    let name = named(promise);
    let short = cut(&name, longest).into_owned();
    let gap = " ".repeat(longest.saturating_sub(cells(&short)) + 2);
    let (meaning, next) = next_words(world, look, pod, promise);
    let is_there = promise.path.is_empty() || promise.path == "*" || listing.is_none_or(|seen| seen.has(&promise.path));
    let missing = matches!(promise.next, promise::Next::Missing(_));
    let absent = if is_there || missing { "" } else { "; it is not there yet" };
    let stays = missing && listing.is_some_and(|seen| seen.has(&promise.path));
    let next = if stays { format!("{next}; what was written stays") } else { next };
    let spans = [
        Span::styled(format!("{}{absent};", promise.from), Style::new()),
        Span::raw(" "),
        Span::styled(next, theme.style(meaning)),
    ];
    wrap_spans(&spans, width, &[Span::styled(short, theme.style(Meaning::Code)), Span::raw(gap)], longest + 2)
}

/// The tree as the container sees it, in `ls`'s own columns.
fn tree(world: &World, listing: &Listing, width: usize) -> Vec<Line<'static>> {
    let theme = world.theme;
    let dim = theme.style(Meaning::Dim);
    let mut head = vec![Span::styled("In the container: mode uid gid size name", dim)];
    if let Some(at) = listing.written() {
        let ago = world.now.duration_since(at);
        let is_new = ago < JUST && ago > -JUST;
        let (sign, meaning) = if is_new && !world.is_still() { ("~ ", Meaning::Change) } else { ("", Meaning::Dim) };
        let clock = if is_new { at.strftime("%H:%M:%S").to_string() } else { time_of_day(at, world.now) };
        head.push(Span::styled(" · ", dim));
        head.push(Span::styled(format!("{sign}written {clock}"), theme.style(meaning)));
    }
    let mut lines: Vec<(String, &Entry)> = Vec::new();
    lines.extend(listing.itself.iter().map(|entry| (String::new(), entry)));
    below(listing, "", "", &mut lines);
    let wide = |column: fn(&Entry) -> &str| lines.iter().map(|(_, entry)| cells(column(entry))).max().unwrap_or(0);
    let (user, group, size) = (wide(|entry| &entry.user), wide(|entry| &entry.group), wide(|entry| &entry.size));
    let mut rows = wrap_spans(&head, width, &[], 2);
    if lines.is_empty() {
        rows.push(Line::styled("nothing", dim));
    }
    for (branch, entry) in &lines {
        let columns = format!("{} {:>user$} {:>group$} {:>size$} ", entry.mode, entry.user, entry.group, entry.size);
        let name = if entry.is_folder() && entry.name != "." { format!("{}/", entry.name) } else { entry.name.clone() };
        let room = width.saturating_sub(cells(&columns) + cells(branch));
        let (name, arrow) = match &entry.target {
            // A long target is cut, not the name that points to it.
            Some(target) => {
                let name = cut(&name, room).into_owned();
                let arrow = cut(&format!(" -> {target}"), room.saturating_sub(cells(&name))).into_owned();
                (name, arrow)
            }
            None => (cut(&name, room).into_owned(), String::new()),
        };
        rows.push(Line::from(vec![
            Span::styled(columns, dim),
            Span::styled(branch.clone(), dim),
            Span::styled(name, if entry.is_folder() { theme.style(Meaning::Title) } else { Style::new() }),
            Span::styled(arrow, theme.style(Meaning::Code)),
        ]));
    }
    if listing.left_out > 0 {
        rows.push(Line::styled(format!("… and {} more", listing.left_out), dim));
    }
    if listing.written().is_some() {
        let say = "To write, the kubelet makes a new folder and turns ..data to it: all files change at once.";
        rows.extend(wrap_plain(say, dim, width, 0));
    }
    rows
}

/// The entries of a folder and of those in it, each with the lines drawn before it.
fn below<'a>(listing: &'a Listing, folder: &str, lines: &str, out: &mut Vec<(String, &'a Entry)>) {
    let entries = listing.folders.get(folder).map_or(&[][..], Vec::as_slice);
    for (number, entry) in entries.iter().enumerate() {
        let is_last = number + 1 == entries.len();
        let (branch, further) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        out.push((format!("{lines}{branch}"), entry));
        // No folder is deeper than the paths that were listed, so this ends.
        if entry.is_folder() && !entry.name.is_empty() {
            let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
            below(listing, &path, &format!("{lines}{further}"), out);
        }
    }
}
