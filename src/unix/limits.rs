//! The one table of what shells and programs may use. It holds for the prompt and for containers alike.

/// The largest file, in bytes.
pub const FILE: usize = 1 << 20;
/// All files of one tree together, in bytes.
pub const TREE: usize = 16 << 20;
/// How many files, links and directories one tree may have.
pub const ENTRIES: usize = 2000;
/// The longest path, in bytes.
pub const PATH: usize = 4096;
/// How many links one path may lead over.
pub const LINKS: usize = 40;
/// The most bytes one variable may hold, and one list of values.
pub const VARIABLE: usize = 1 << 20;
/// The most variables there may be, and the most lists.
pub const VARIABLES: usize = 500;
/// The most functions there may be.
pub const FUNCTIONS: usize = 200;
/// The most aliases there may be.
pub const ALIASES: usize = 100;
/// The longest text that is read as commands at one go, in bytes.
pub const LINE: usize = 64 << 10;
/// How deep brackets may be nested in what is typed; the parser goes down one step of its own for each.
pub const BRACKETS: usize = 24;
/// How deep functions, `$(…)`, `source` and `eval` may be inside each other.
pub const DEPTH: usize = 24;
/// How deep `${A:-${B:-…}}` may go.
pub const EXPANSIONS: usize = 16;
/// The most that one word may become, in bytes.
pub const WORD: usize = 1 << 20;
/// How many words a line's braces or globs may give.
pub const WORDS: usize = 5000;
/// What a pipe holds before its writer has to wait, in bytes: as much as Linux's.
pub const PIPE: usize = 64 << 10;
/// The most that a writer may put into a pipe at one go, in bytes.
pub const BURST: usize = 8 << 20;
/// The most that a program which needs all of its input takes, in bytes.
pub const INPUT: usize = 8 << 20;
/// A longer line of input is handed on in pieces, in bytes.
pub const INPUT_LINE: usize = 1 << 20;
/// The most that is kept of one command's output on its way to another place, in bytes.
pub const CAPTURE: usize = 8 << 20;
