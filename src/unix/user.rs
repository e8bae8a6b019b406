//! Who a process is, and what that lets it do with a file.

use super::tree::Node;

/// A user with its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: i64,
    /// The group's.
    pub gid: i64,
    /// Those of its other groups.
    pub groups: Vec<i64>,
}

/// What one wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To see what is in it.
    Read,
    /// To change it.
    Write,
    /// To go on below a directory, or to run a file.
    Enter,
}

impl User {
    /// The one who may do nearly everything.
    pub fn root() -> Self {
        Self { uid: 0, gid: 0, groups: Vec::new() }
    }

    /// Whether the mode of a file lets this user do that.
    pub fn may(&self, node: &Node, access: Access) -> bool {
        if self.uid == 0 {
            // A file that nobody may run is no program for root either.
            return access != Access::Enter || node.is_directory() || node.mode & 0o111 != 0;
        }
        let bits = if node.uid == self.uid {
            node.mode >> 6
        } else if node.gid == self.gid || self.groups.contains(&node.gid) {
            node.mode >> 3
        } else {
            node.mode
        };
        let bit = match access {
            Access::Read => 0o4,
            Access::Write => 0o2,
            Access::Enter => 0o1,
        };
        bits & bit != 0
    }

    /// Whether this user may change the mode of a file.
    pub fn owns(&self, node: &Node) -> bool {
        self.uid == 0 || self.uid == node.uid
    }
}
