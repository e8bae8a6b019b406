//! How two values differ, as go-cmp shows it. Upstream: github.com/google/go-cmp/cmp, report_compare.go,
//! report_reflect.go and report_value.go. Long texts are shown whole, where go-cmp would cut out the difference.

mod text;

use super::{Node, Package, Type, Value};
use crate::base::Order as _;
use text::{Record, Text, count};

/// Equal fields that are shown on each side of a difference.
const CONTEXT: usize = 2;

/// Which values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Difference,
    Identical,
    Removed,
    Inserted,
}

/// Whether a value is shown with its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Types {
    Emit,
    Elide,
    /// With structs, lists and maps.
    Auto,
}

/// Two values at one place, of which one may be absent.
struct Pair<'a> {
    old: Option<&'a Node>,
    new: Option<&'a Node>,
    inside: Inside<'a>,
    same: usize,
    different: usize,
    /// How many values are inside, and how deep.
    children: usize,
    depth: usize,
}

enum Inside<'a> {
    /// Nothing that is compared on its own.
    Leaf,
    /// What a pointer points at.
    Target(Box<Pair<'a>>),
    /// Fields, elements or entries by name.
    Records(Vec<(String, Pair<'a>)>),
}

/// The difference of two values of one type.
pub fn diff(old: &Node, new: &Node, package: Package) -> String {
    let pair = Pair::of(Some(old), Some(new));
    if pair.different == 0 {
        return String::new();
    }
    Show { package, mode: Mode::Difference, types: Types::Emit, level: 3 }
        .pair(&pair)
        .map(text::lines)
        .unwrap_or_default()
}

/// Types that compare themselves.
fn has_equal(ty: &Type) -> bool {
    matches!(ty, Type::Named("resource.Quantity" | "meta.Time" | "time.Time"))
}

impl<'a> Pair<'a> {
    fn of(old: Option<&'a Node>, new: Option<&'a Node>) -> Self {
        let inside = match (old, new) {
            (Some(old), Some(new)) if !has_equal(old.ty) => Self::inside(old, new),
            _ => Inside::Leaf,
        };
        let mut pair = Self { old, new, inside, same: 0, different: 0, children: 0, depth: 0 };
        let kids: Vec<&Pair<'_>> = match &pair.inside {
            Inside::Leaf => {
                let equal = old == new;
                (pair.same, pair.different) = (usize::from(equal), usize::from(!equal));
                return pair;
            }
            Inside::Target(to) => vec![to],
            Inside::Records(records) => records.iter().map(|(_, kid)| kid).collect(),
        };
        let sum = |of: fn(&Pair<'_>) -> usize| kids.iter().map(|kid| of(kid)).sum();
        let (same, different, children) = (sum(|kid| kid.same), sum(|kid| kid.different), sum(|kid| kid.children + 1));
        let depth = kids.iter().map(|kid| kid.depth + 1).max().unwrap_or_default();
        (pair.same, pair.different, pair.children, pair.depth) = (same, different, children, depth);
        pair
    }

    fn inside(old: &'a Node, new: &'a Node) -> Inside<'a> {
        match (&old.value, &new.value) {
            (Value::Pointer(old), Value::Pointer(new)) => Inside::Target(Box::new(Self::of(Some(old), Some(new)))),
            (Value::Struct(old) | Value::Marshaler(_, old), Value::Struct(new) | Value::Marshaler(_, new)) => {
                let fields = old.iter().zip(new);
                let pairs =
                    fields.map(|((field, old), (_, new))| (field.go.to_owned(), Self::of(Some(old), Some(new))));
                Inside::Records(pairs.collect())
            }
            (Value::List(old), Value::List(new)) => Inside::Records(Self::elements(old, new)),
            (Value::Map(old), Value::Map(new)) => {
                let mut keys: Vec<&String> = old.iter().chain(new).map(|(key, _)| key).collect();
                keys.order();
                keys.dedup();
                let find = |map: &'a [(String, Node)], key: &str| {
                    map.iter().find(|(name, _)| name == key).map(|(_, value)| value)
                };
                let entries = keys.into_iter();
                Inside::Records(
                    entries.map(|key| (format!("{key:?}"), Self::of(find(old, key), find(new, key)))).collect(),
                )
            }
            _ => Inside::Leaf,
        }
    }

    /// Elements are set side by side where they are equal or much alike; between those some went and some came.
    fn elements(old: &'a [Node], new: &'a [Node]) -> Vec<(String, Self)> {
        let alike = |old, new| {
            let pair = Self::of(Some(old), Some(new));
            (pair.different == 0 || pair.same + 1 >= pair.different).then_some(pair)
        };
        let short = old.len().min(new.len());
        let from_start = (0..short).take_while(|&at| old[at] == new[at]).count();
        let from_end =
            (0..short - from_start).take_while(|at| old[old.len() - 1 - at] == new[new.len() - 1 - at]).count();
        let (mut gone, mut come) = (from_start..old.len() - from_end, from_start..new.len() - from_end);
        let mut pairs: Vec<Self> = (0..from_start).map(|at| Self::of(Some(&old[at]), Some(&new[at]))).collect();
        loop {
            match (gone.next(), come.next()) {
                (Some(one), Some(other)) => match alike(&old[one], &new[other]) {
                    Some(pair) => pairs.push(pair),
                    None => pairs.extend([Self::of(Some(&old[one]), None), Self::of(None, Some(&new[other]))]),
                },
                (Some(one), None) => pairs.push(Self::of(Some(&old[one]), None)),
                (None, Some(other)) => pairs.push(Self::of(None, Some(&new[other]))),
                (None, None) => break,
            }
        }
        let rest = (0..from_end).rev().map(|at| (&old[old.len() - 1 - at], &new[new.len() - 1 - at]));
        pairs.extend(rest.map(|(old, new)| Self::of(Some(old), Some(new))));
        pairs.into_iter().map(|pair| (String::new(), pair)).collect()
    }
}

#[derive(Clone, Copy)]
struct Show {
    package: Package,
    mode: Mode,
    types: Types,
    /// How much of a value is shown: each level inside it shows less.
    level: u32,
}

impl Show {
    fn pair(mut self, pair: &Pair<'_>) -> Option<Text> {
        self.level = if self.mode == Mode::Identical { 1 } else { 3 };
        let ty = pair.old.or(pair.new)?.ty;
        match &pair.inside {
            Inside::Leaf if self.mode == Mode::Removed => pair.old.map(|node| self.node(node)),
            Inside::Leaf => pair.new.map(|node| self.node(node)),
            Inside::Target(to) => Some(Text::wrapped("&", self.pair(to)?, "")),
            Inside::Records(records) => {
                let (name, types) = match pair.old?.value {
                    Value::List(_) => ("element", Types::Elide),
                    Value::Map(_) => ("entry", Types::Elide),
                    _ => ("field", Types::Auto),
                };
                let inner = Self { types, ..self };
                let list = match self.mode {
                    Mode::Difference => Text::braced(inner.groups(name, records)),
                    _ => inner.all(name, records),
                };
                Some(self.with_type(ty, list))
            }
        }
    }

    /// All that is there on one side, without fields that are zero.
    fn all(self, name: &str, records: &[(String, Pair<'_>)]) -> Text {
        let most = if self.mode == Mode::Identical { 4 } else { 16 };
        let side = |pair: &Pair<'_>| if self.mode == Mode::Removed { pair.old.cloned() } else { pair.new.cloned() };
        let kept = records.iter().filter(|(_, pair)| name != "field" || side(pair).is_none_or(|node| !node.is_zero()));
        Self::limited(most, kept.filter_map(|(key, pair)| Some(Record::new(None, key, self.pair(pair)?))))
    }

    /// What differs, with a little of what is around it.
    fn groups(self, name: &str, records: &[(String, Pair<'_>)]) -> Vec<Record> {
        let mut list = Vec::new();
        let groups: Vec<_> =
            records.chunk_by(|one, other| (one.1.different == 0) == (other.1.different == 0)).collect();
        for (at, group) in groups.iter().enumerate() {
            if group[0].1.different > 0 {
                group.iter().for_each(|(key, pair)| self.changed(key, pair, &mut list));
                continue;
            }
            let equal = group.len();
            let low = if at == 0 { 0 } else { CONTEXT.min(equal) };
            let mut high = if at + 1 == groups.len() { 0 } else { CONTEXT.min(equal - low) };
            if equal - low - high == 1 {
                high += 1;
            }
            let same = Self { mode: Mode::Identical, ..self };
            let show = |(key, pair): &(String, Pair<'_>)| Some(Record::new(None, key, same.pair(pair)?));
            list.extend(group[..low].iter().filter_map(show));
            if equal > low + high {
                list.push(Record::ellipsis(count(equal - low - high, "identical", name)));
            }
            list.extend(group[equal - high..].iter().filter_map(show));
        }
        list
    }

    fn changed(self, key: &str, pair: &Pair<'_>, list: &mut Vec<Record>) {
        if pair.children != pair.depth {
            list.extend(self.pair(pair).map(|text| Record::new(None, key, text)));
            return;
        }
        for (mode, mark) in [(Mode::Removed, '-'), (Mode::Inserted, '+')] {
            list.extend(Self { mode, ..self }.pair(pair).map(|text| Record::new(Some(mark), key, text)));
        }
    }

    fn node(self, node: &Node) -> Text {
        let most = (1_usize << self.level) >> 1 << 2;
        let inner = |types| Self { types, level: self.level.saturating_sub(1), ..self };
        let (auto, elide) = (inner(Types::Auto), inner(Types::Elide));
        let text = match &node.value {
            Value::Nil => Text::Line("nil".to_owned()),
            Value::Bool(flag) => Text::Line(flag.to_string()),
            Value::Int(number) => Text::Line(number.to_string()),
            Value::Text(text) => Text::Line(text::quoted(text, (1 << self.level) << 5)),
            Value::Pointer(to) => return Text::wrapped("&", self.node(to), ""),
            Value::Struct(fields) | Value::Marshaler(_, fields) => {
                let set = fields.iter().filter(|(_, field)| !field.is_zero());
                Self::limited(most, set.map(|(field, node)| Record::new(None, field.go, auto.node(node))))
            }
            Value::List(items) => Self::limited(most, items.iter().map(|item| Record::new(None, "", elide.node(item)))),
            Value::Map(entries) => Self::limited(
                most,
                entries.iter().map(|(key, value)| Record::new(None, &format!("{key:?}"), elide.node(value))),
            ),
        };
        self.with_type(node.ty, text)
    }

    /// The first records, and a sign that there are more.
    fn limited(most: usize, mut records: impl Iterator<Item = Record>) -> Text {
        let mut list: Vec<Record> = records.by_ref().take(most).collect();
        if records.next().is_some() {
            list.push(Record::ellipsis(String::new()));
        }
        Text::braced(list)
    }

    fn with_type(self, ty: &Type, text: Text) -> Text {
        let composite = text.is_braced();
        let emit = match self.types {
            Types::Emit => true,
            Types::Elide => false,
            Types::Auto => composite && self.mode != Mode::Identical,
        };
        if !emit {
            return text;
        }
        let mut name = String::new();
        // Writing to a string cannot fail.
        let _ = ty.write(&mut name, self.package);
        if composite { Text::wrapped(&name, text, "") } else { Text::wrapped(&format!("{name}("), text, ")") }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Reader;
    use super::{Package, diff};
    use crate::apimachinery::Release;

    fn changed(old: &Json, new: &Json) -> String {
        let reader = Reader { package: Package::Core, release: Release::minor(25) };
        diff(&reader.read("PodSpec", old), &reader.read("PodSpec", new), Package::Core)
    }

    #[test]
    fn nothing() {
        assert_eq!(changed(&json!({}), &json!({"unknown": 1, "volumes": []})), "");
    }

    #[test]
    fn a_list_and_what_is_inside() {
        let container = |env: Json| json!({"containers": [{"name": "a", "image": "b", "env": env}], "nodeName": "n"});
        let (old, new) =
            (container(json!([{"name": "X", "value": "1"}])), container(json!([{"name": "X", "value": "2"}])));
        let want = "
  core.PodSpec{
  \tVolumes:        nil,
  \tInitContainers: nil,
  \tContainers: []core.Container{
  \t\t{
  \t\t\t... // 5 identical fields
  \t\t\tPorts:   nil,
  \t\t\tEnvFrom: nil,
  \t\t\tEnv: []core.EnvVar{
  \t\t\t\t{
  \t\t\t\t\tName:      \"X\",
- \t\t\t\t\tValue:     \"1\",
+ \t\t\t\t\tValue:     \"2\",
  \t\t\t\t\tValueFrom: nil,
  \t\t\t\t},
  \t\t\t},
  \t\t\tResources:    {},
  \t\t\tVolumeMounts: nil,
  \t\t\t... // 12 identical fields
  \t\t},
  \t},
  \tEphemeralContainers: nil,
  \tRestartPolicy:       \"\",
  \t... // 26 identical fields
  }
";
        assert_eq!(format!("\n{}", changed(&old, &new)), want);
    }

    #[test]
    fn what_came_and_went() {
        let want = "
  core.PodSpec{
- \tVolumes: nil,
+ \tVolumes: []core.Volume{
+ \t\t{
+ \t\t\tName:         \"v\",
+ \t\t\tVolumeSource: core.VolumeSource{EmptyDir: &core.EmptyDirVolumeSource{}},
+ \t\t},
+ \t},
  \tInitContainers: nil,
  \tContainers:     nil,
  \t... // 3 identical fields
  \tActiveDeadlineSeconds: nil,
  \tDNSPolicy:             \"\",
  \tNodeSelector: map[string]string{
- \t\t\"a\": \"b\",
+ \t\t\"c\": \"d\",
  \t},
  \tServiceAccountName:           \"\",
- \tAutomountServiceAccountToken: nil,
+ \tAutomountServiceAccountToken: &false,
  \tNodeName:                     \"\",
  \tSecurityContext:              nil,
  \t... // 18 identical fields
  }
";
        let old = json!({"nodeSelector": {"a": "b"}});
        let new = json!({"nodeSelector": {"c": "d"}, "automountServiceAccountToken": false,
            "volumes": [{"name": "v", "emptyDir": {}}]});
        assert_eq!(format!("\n{}", changed(&old, &new)), want);
    }
}
