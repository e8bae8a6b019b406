//! Replaces all files of a volume at once: a new directory, then one link turned to it.
//! Upstream: pkg/volume/util/atomic_writer.go.

use jiff::Timestamp;

use crate::base::Ids;
use crate::unix::{Content, Node, Tree};

use super::Payload;

/// Writes the payload. Who holds an old file open keeps it; who opens one sees all new.
pub fn write(tree: &Tree, payload: &Payload, now: Timestamp, ids: &Ids) {
    let directory = format!("..{}.{}", now.strftime("%Y_%m_%d_%H_%M_%S"), ids.between(100_000_000, 4_294_967_295));
    let old = tree.get("..data");
    tree.put(&directory, Node::new(Content::Directory, 0o755, now));
    for (path, file) in payload {
        let content = Content::File(file.data.clone().into());
        tree.put(&format!("{directory}/{path}"), Node { uid: file.uid, ..Node::new(content, file.mode, now) });
    }
    tree.put("..data", Node::new(Content::Link(directory), 0o777, now));
    if let Some(Node { content: Content::Link(old), .. }) = old {
        tree.remove(&old);
    }
    for name in tree.names("") {
        let is_kept = name.starts_with("..") || payload.keys().any(|path| top(path) == name);
        if !is_kept {
            tree.remove(&name);
        }
    }
    for (path, file) in payload {
        let name = top(path);
        if tree.get(name).is_none() {
            let link = Content::Link(format!("..data/{name}"));
            // From 1.36 on the link belongs to whom the file belongs to; nobody can tell before that.
            tree.put(name, Node { uid: file.uid, ..Node::new(link, 0o777, now) });
        }
    }
}

fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Gives all to a group, as `fsGroup` asks: readable files, directories that hand the group on.
pub fn give_to_group(tree: &Tree, group: i64) {
    tree.for_each(|_, node| {
        node.gid = group;
        match node.content {
            Content::Directory => node.mode |= 0o2110,
            Content::File(_) => node.mode |= 0o440,
            Content::Link(_) | Content::Null => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::{File, Payload};
    use super::write;
    use crate::base::Ids;
    use crate::unix::{Content, Tree};
    use jiff::Timestamp;

    #[test]
    fn an_update_turns_one_link() {
        let tree = Tree::new(0o1777, Timestamp::UNIX_EPOCH);
        let ids = Ids::seeded(1);
        let payload = |names: &[&str]| -> Payload {
            names.iter().map(|n| ((*n).to_owned(), File { data: b"x".to_vec(), mode: 0o644, uid: 0 })).collect()
        };
        write(&tree, &payload(&["ca.crt", "token"]), Timestamp::UNIX_EPOCH, &ids);
        write(&tree, &payload(&["ca.crt", "dir/new"]), Timestamp::UNIX_EPOCH, &ids);
        let names = tree.names("");
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names[0].starts_with("..1970_01_01_00_00_00."), "{names:?}");
        assert_eq!(names[1..], ["..data", "ca.crt", "dir"]);
        assert_eq!(tree.get("dir").map(|n| n.content), Some(Content::Link("..data/dir".to_owned())));
    }
}
