//! The objects of the cluster as a tree: account → pods that run as it → volumes and where their files come from.

mod detail;
mod index;
mod rows;
mod story;

pub use detail::{Detail, life_text};
pub use index::{Account, Index, Object, Sign};
pub use rows::{Row, RowKey, What};

use rows::{count, find, rows};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Pane, PaneId};
use crate::base::human_duration;
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key, plain};
use crate::tui::keymap::{Layer, entry};
use crate::tui::msg::{Feed, TokenSource};
use crate::tui::overlay::choices::{Choice, Choices, Does};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, cut, put, put_line, put_right, wrap_plain};
use crate::tui::world::{Focus, World};

/// The objects pane.
pub struct ObjectsPane;

/// Its entry.
pub static PANE: ObjectsPane = ObjectsPane;

/// Its keys.
static LAYER: Layer = Layer {
    heading: "The objects pane",
    keys: &[entry(
        &[plain(Code::Enter)],
        "look into it",
        "what can be looked at of the selected object, each with its command",
        |world, _| selected_object(world).is_some(),
        open,
        2,
    )],
};

/// Opens what can be done with the selected object.
fn open(world: &mut World, _: Key) -> Vec<Effect> {
    let Some((kind, namespace, name)) = selected_object(world) else { return Vec::new() };
    let own = world.cluster.as_ref().map(|cluster| cluster.namespace.as_str());
    let word = if kind == "ServiceAccount" { "sa".to_owned() } else { kind.to_lowercase() };
    let elsewhere = !namespace.is_empty() && own != Some(namespace.as_str()) && word != "namespace";
    let flag = if elsewhere { format!(" -n {namespace}") } else { String::new() };
    let line = |say: &str, line: String| Choice { say: say.to_owned(), does: Does::Line(line) };
    let mut items = Vec::new();
    if let Some((namespace, from)) = selected_token(world) {
        let wish = Does::Wish(Box::new(Effect::ReadToken { namespace, from }));
        items.push(Choice { say: "read its token".to_owned(), does: wish });
    }
    items.push(line("describe it", format!("kubectl describe {word} {name}{flag}")));
    items.push(line("as YAML", format!("kubectl get {word} {name} -o yaml{flag}")));
    match kind.as_str() {
        "ServiceAccount" => {
            let user = format!("system:serviceaccount:{namespace}:{name}");
            items.push(line("what it may do", format!("kubectl auth can-i --list --as={user}{flag}")));
            let selector = format!("--field-selector=spec.serviceAccountName={name}");
            items.push(line("who uses it", format!("kubectl get pods {selector}{flag}")));
            items.push(line("a token of it", format!("kubectl create token {name}{flag}")));
        }
        "Pod" => {
            items.push(line("its log", format!("kubectl logs {name} --tail=20{flag}")));
            items.push(line("its events", format!("kubectl events --for=pod/{name}{flag}")));
        }
        "Role" | "RoleBinding" => {
            items.push(line("all bindings", format!("kubectl get rolebindings -o wide{flag}")));
        }
        "Deployment" => items.push(line("its events", format!("kubectl events --for=deployment/{name}{flag}"))),
        _ => {}
    }
    world.open(Choices { title: format!("{word} {name}"), items, at: 0 });
    Vec::new()
}

/// The cluster's objects changed.
pub fn hear(world: &mut World, feed: Feed) -> Vec<Effect> {
    super::mount::follow(world, &feed);
    if feed == Feed::Cleared {
        (world.panes.objects, world.panes.token) = (State::default(), super::token::State::default());
        world.panes.why = super::why::State::default();
        return Vec::new();
    }
    let marked = world.panes.objects.index.take(feed, world.now);
    world.panes.objects.unseen += marked;
    // Who looks around in it is not moved away.
    if marked > 0 && world.focus != Focus::Pane(PaneId::Objects) {
        reveal_last(world);
    }
    Vec::new()
}

/// What the pane remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The objects.
    pub index: Index,
    /// The selected row, by what it is.
    pub selected: Option<RowKey>,
    /// Where the selected row was last; used when it has gone.
    pub at: usize,
    /// Rows scrolled away at the top.
    pub scroll: usize,
    /// Changes since the pane was last seen.
    pub unseen: usize,
}

impl Pane for ObjectsPane {
    fn id(&self) -> PaneId {
        PaneId::Objects
    }

    fn title(&self) -> &'static str {
        "Objects"
    }

    fn layer(&self) -> &'static Layer {
        &LAYER
    }

    fn wants(&self, world: &World, _width: usize) -> (usize, usize) {
        (0, count(&world.panes.objects.index) + 1)
    }

    fn enter(&self, world: &mut World) {
        select_any(world);
    }

    fn seen(&self, world: &mut World) {
        world.panes.objects.unseen = 0;
    }

    fn badge(&self, world: &World) -> Option<String> {
        (world.panes.objects.unseen > 0).then(|| format!("+{}", world.panes.objects.unseen.min(99)))
    }

    fn draw(&self, world: &World, area: Rect, buf: &mut Buffer) {
        let objects = &world.panes.objects;
        let theme = world.theme;
        let shown = tree_height(usize::from(area.height));
        let focused = world.focus == Focus::Pane(PaneId::Objects);
        let mut drawn: u16 = 0;
        for row in rows(&objects.index, objects.scroll).take(shown) {
            let selected = focused && objects.selected.as_ref().is_some_and(|key| row.is(key));
            draw_row(world, &row, area, drawn, buf);
            if selected {
                buf.set_style(Rect::new(area.x, area.y + drawn, area.width, 1), theme.cursor());
            }
            drawn += 1;
        }
        if drawn == 0 {
            let say = if objects.index.ready { "Nothing is here yet." } else { "Looking at the cluster …" };
            put(buf, area, 0, 0, say, theme.style(Meaning::Dim));
        }
        draw_story(world, area, drawn, buf);
        let below = count(&objects.index).saturating_sub(objects.scroll + shown);
        if below > 0 {
            let more = format!(" ↓ {below} more ");
            put_right(buf, area, area.height.saturating_sub(1), &more, theme.style(Meaning::Dim));
        }
    }

    fn step(&self, world: &mut World, step: isize) {
        let total = count(&world.panes.objects.index);
        let at = position(&world.panes.objects).unwrap_or(0).saturating_add_signed(step).min(total.saturating_sub(1));
        select(world, at);
    }

    fn scroll(&self, world: &mut World, by: isize) {
        let total = count(&world.panes.objects.index);
        let shown = tree_height(world.room(PaneId::Objects).0);
        let most = total.saturating_sub(shown);
        world.panes.objects.scroll = world.panes.objects.scroll.saturating_add_signed(by).min(most);
    }

    fn click(&self, world: &mut World, _column: u16, row: u16) {
        let at = world.panes.objects.scroll + usize::from(row);
        if usize::from(row) < tree_height(world.room(PaneId::Objects).0) && at < count(&world.panes.objects.index) {
            select(world, at);
        }
    }
}

/// How many rows the story takes at most.
const STORY_ROWS: u16 = 6;

/// The story's latest lines, the newest at the bottom, in the rows the tree leaves free; one row it always has.
fn draw_story(world: &World, area: Rect, drawn: u16, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let style = world.theme.style(Meaning::Change);
    let free = area.height.saturating_sub(drawn + 1);
    let (mut bottom, top) = (area.height, area.height.saturating_sub(free.clamp(1, STORY_ROWS)));
    for (number, (at, said)) in world.panes.objects.index.story.iter().rev().enumerate() {
        let text = format!("{} {said}", at.strftime("%H:%M:%S"));
        let rows = wrap_plain(&text, style, width, 9);
        let high = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        if bottom.saturating_sub(high) < top {
            if number == 0 {
                put(buf, area, 0, area.height.saturating_sub(1), &cut(&text, width), style);
            }
            return;
        }
        bottom -= high;
        for (y, row) in (bottom..).zip(&rows) {
            put_line(buf, area, 0, y, row);
        }
    }
}

/// The last row is the story's.
fn tree_height(height: usize) -> usize {
    height.saturating_sub(1)
}

fn position(objects: &State) -> Option<usize> {
    let key = objects.selected.as_ref()?;
    find(&objects.index, key).map_or(Some(objects.at), |(at, _)| Some(at))
}

/// Selects a row and scrolls to it.
fn select(world: &mut World, at: usize) {
    let shown = tree_height(world.room(PaneId::Objects).0).max(1);
    let objects = &mut world.panes.objects;
    objects.selected = rows(&objects.index, at).next().map(|row| row.key());
    objects.at = at;
    objects.scroll = objects.scroll.min(at).max((at + 1).saturating_sub(shown));
}

/// Scrolls to what was marked last.
fn reveal_last(world: &mut World) {
    let shown = tree_height(world.room(PaneId::Objects).0).max(1);
    let objects = &world.panes.objects;
    if count(&objects.index) <= shown {
        world.panes.objects.scroll = 0;
        return;
    }
    let key = objects.index.marked_last().map(|(namespace, id)| RowKey::of(namespace, &id.kind, &id.name));
    if let Some((at, _)) = key.and_then(|key| find(&objects.index, &key)) {
        let objects = &mut world.panes.objects;
        objects.scroll = objects.scroll.min(at).max((at + 1).saturating_sub(shown));
    }
}

/// Selects the first row when none is.
fn select_any(world: &mut World) {
    if position(&world.panes.objects).is_none() {
        // The namespace itself says little; what is in it is the better start.
        let at = usize::from(count(&world.panes.objects.index) > 1);
        select(world, at);
    }
}

fn selected<'a>(world: &'a World) -> Option<Row<'a>> {
    let key = world.panes.objects.selected.as_ref()?;
    find(&world.panes.objects.index, key).map(|(_, row)| row)
}

/// The token the selected row can show, with its namespace.
fn selected_token(world: &World) -> Option<(String, TokenSource)> {
    let row = selected(world)?;
    let source = match row.what {
        What::Object(id, object) | What::Mention(id, object) => match &object.detail {
            Detail::Pod { .. } => TokenSource::Pod(id.name.clone()),
            Detail::Secret { account: Some(_), .. } => TokenSource::Secret(id.name.clone()),
            _ => return None,
        },
        What::Volume(id, _) | What::File(id, _) => TokenSource::Pod(id.name.clone()),
        What::Namespace | What::Account(..) => return None,
    };
    Some((row.namespace.to_owned(), source))
}

/// The selected object: kind, namespace and name.
fn selected_object(world: &World) -> Option<(String, String, String)> {
    let row = selected(world)?;
    if matches!(row.what, What::Account(_, _, None)) {
        return None;
    }
    let (kind, name) = row.object();
    Some((kind.to_owned(), row.namespace.to_owned(), name.to_owned()))
}

/// The pod that the selected row belongs to: namespace and name.
pub fn selected_pod(world: &World) -> Option<(String, String)> {
    let (kind, namespace, name) = selected_object(world)?;
    (kind == "Pod").then_some((namespace, name))
}

/// What a row says: name on the left, note on the right, and the object whose mark it carries.
fn draw_row(world: &World, row: &Row<'_>, area: Rect, y: u16, buf: &mut Buffer) {
    let theme = world.theme;
    let (dim, plain) = (theme.style(Meaning::Dim), Style::new());
    let code = theme.style(Meaning::Code);
    let mut left = vec![Span::styled(row.depth.text(), dim)];
    let mut note = String::new();
    let mut marked = None;
    let named = |kind: &'static str, name: &str| vec![Span::styled(kind, dim), Span::styled(name.to_owned(), plain)];
    match row.what {
        What::Namespace => {
            let name = match row.namespace {
                "" => "the cluster".to_owned(),
                name => format!("namespace {name}"),
            };
            left.push(Span::styled(name, theme.style(Meaning::Title)));
        }
        What::Account(name, account, object) => {
            left.extend(named("sa ", name));
            note = account_note(account, object);
            marked = object;
        }
        What::Object(id, object) => {
            left.extend(named(short_kind(&object.detail), &id.name));
            if matches!(object.detail, Detail::Other) {
                left.insert(1, Span::styled(format!("{} ", id.kind.to_lowercase()), dim));
            }
            note = match &object.detail {
                Detail::Binding { role, account, subjects } => {
                    binding_note(world, row.namespace, role, account.as_deref(), subjects)
                }
                _ => object_note(object),
            };
            marked = Some(object);
        }
        What::Mention(id, object) => {
            left.extend(named("pod ", &id.name));
            note = format!("see sa {}", object.detail.account().unwrap_or("default"));
        }
        What::Volume(_, volume) => {
            left.extend(named("volume ", &volume.name));
            note.clone_from(&volume.kind);
        }
        What::File(_, (file, from)) => {
            left.push(Span::styled(file.clone(), code));
            note.clone_from(from);
        }
    }
    let (mark, meaning) = marked.map_or((String::new(), Meaning::Dim), |object| mark(object, world));
    let right = cells(&mark);
    let room = usize::from(area.width).saturating_sub(right + usize::from(right > 0) * 2);
    let name_cells: usize = left.iter().map(|span| cells(&span.content)).sum();
    put_line(buf, Rect { width: u16::try_from(room).unwrap_or(area.width), ..area }, 0, y, &Line::from(left));
    if !mark.is_empty() {
        put_right(buf, area, y, &mark, theme.style(meaning));
    }
    let note_room = room.saturating_sub(name_cells + 2);
    if note_room >= 3 && !note.is_empty() {
        // Notes stand under each other where the names leave room for it.
        let column = name_cells + 2;
        let aligned = usize::from(area.width) * 52 / 100;
        let at = if aligned >= column && cells(&note) + aligned <= room { aligned } else { column };
        let text = cut(&note, room.saturating_sub(at)).into_owned();
        put(buf, area, u16::try_from(at).unwrap_or(0), y, &text, note_style(row, theme));
    }
}

fn note_style(row: &Row<'_>, theme: Theme) -> Style {
    match row.what {
        What::Account(_, _, None) => theme.style(Meaning::Refused),
        What::Object(_, object) if matches!(&object.detail, Detail::Binding { .. }) => Style::new(),
        What::Object(_, object) => match &object.detail {
            Detail::Pod { phase, .. } if phase == "Running" => theme.style(Meaning::Good),
            Detail::Pod { phase, .. }
                if phase == "Pending" || phase == "Terminating" || phase == "ContainerCreating" =>
            {
                theme.style(Meaning::Change)
            }
            Detail::Pod { .. } => theme.style(Meaning::Refused),
            _ => theme.style(Meaning::Dim),
        },
        _ => theme.style(Meaning::Dim),
    }
}

fn account_note(account: &Account, object: Option<&Object>) -> String {
    let automount = match object.map(|object| &object.detail) {
        None => return "✘ is not there".to_owned(),
        Some(Detail::Account { automount: Some(false) }) => "a pod gets no token unless it asks".to_owned(),
        Some(_) => String::new(),
    };
    match (account.pods.is_empty() && account.exists, automount.is_empty()) {
        (true, true) => "no pod uses it".to_owned(),
        _ => automount,
    }
}

fn short_kind(detail: &Detail) -> &'static str {
    match detail {
        Detail::Account { .. } => "sa ",
        Detail::Pod { .. } => "pod ",
        Detail::Secret { .. } => "secret ",
        Detail::ConfigMap { .. } => "cm ",
        Detail::Deployment { .. } => "deployment ",
        Detail::ReplicaSet { .. } => "replicaset ",
        Detail::Role { .. } => "role ",
        Detail::Binding { .. } => "rolebinding ",
        Detail::Other => "",
    }
}

/// What a binding gives and to whom; or why it reaches nobody.
fn binding_note(
    world: &World,
    namespace: &str,
    (kind, name): &(String, String),
    account: Option<&str>,
    subjects: &[String],
) -> String {
    let index = &world.panes.objects.index;
    let role = index.get(namespace, kind, name).map(|object| &object.detail);
    let gives = match (kind.as_str(), role) {
        ("Role", None) => return format!("✘ role {name} is not there"),
        ("Role", Some(Detail::Role { allows })) if allows.is_empty() => format!("role {name}, which allows nothing"),
        ("Role", Some(Detail::Role { allows })) => format!("role {name}: {allows}"),
        _ => format!("clusterrole {name}"),
    };
    match account {
        Some(account) if index.get(namespace, "ServiceAccount", account).is_none() => {
            format!("✘ sa {account} is not there")
        }
        Some(_) => format!("→ {gives}"),
        None if subjects.is_empty() => "✘ names nobody".to_owned(),
        None => format!("✘ for {}: no sa here", subjects.join(", ")),
    }
}

fn object_note(object: &Object) -> String {
    match &object.detail {
        // The truth of the pod, whatever its account wishes.
        Detail::Pod { phase, volumes, .. } if !volumes.iter().any(|volume| volume.token) => {
            format!("{phase}, with no token")
        }
        Detail::Pod { phase, .. } => phase.clone(),
        Detail::Secret { account: Some(_), filled: true, .. } => "holds a token".to_owned(),
        Detail::Secret { account: Some(_), filled: false, .. } => "waits for its token".to_owned(),
        Detail::Secret { kind, .. } => kind.clone(),
        Detail::ConfigMap { keys: 1 } => "1 key".to_owned(),
        Detail::ConfigMap { keys } => format!("{keys} keys"),
        Detail::Deployment { ready, wanted, account } => format!("{ready}/{wanted} ready, as sa {account}"),
        Detail::ReplicaSet { ready, wanted, .. } => format!("{ready}/{wanted} ready"),
        Detail::Role { allows } if allows.is_empty() => "allows nothing".to_owned(),
        Detail::Role { allows } => allows.clone(),
        Detail::Account { .. } | Detail::Binding { .. } | Detail::Other => String::new(),
    }
}

/// The mark of a change, with a sign and a word; else the age.
fn mark(object: &Object, world: &World) -> (String, Meaning) {
    let age = object.created.map(|created| {
        // A clock a moment behind the cluster's must not make a new object look wrong.
        human_duration(world.now.duration_since(created).max(jiff::SignedDuration::ZERO))
    });
    let (words, meaning) = match object.flash {
        Some((Sign::New, _)) => (format!("+ new {}", age.unwrap_or_default()).trim_end().to_owned(), Meaning::Good),
        Some((Sign::Changed, _)) => ("~ changed".to_owned(), Meaning::Change),
        Some((Sign::Gone, _)) => ("- gone".to_owned(), Meaning::Refused),
        None => (age.unwrap_or_default(), Meaning::Dim),
    };
    (words, if world.is_still() { Meaning::Dim } else { meaning })
}
