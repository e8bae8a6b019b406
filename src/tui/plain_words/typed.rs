//! What was typed.

use super::{Entry, entry, here};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "A character is not what it looks like",
        &[],
        "The line has characters that are on no usual keyboard. They come along when it is copied from a web page or a \
         text. The shell does not know them: such a space separates nothing, such a quote quotes nothing, such a dash \
         begins no flag.",
        "Type these places anew.",
    )
    .naming(here::lookalikes),
    entry(
        "Two commands on one line",
        &[],
        "A command ends with its line. What stands behind it is given to it as words, even when it looks like another \
         command: that one never ran.",
        "Run them one after the other, or put a ; between them.",
    )
    .naming(here::second_command),
    entry(
        "kubectl has it, this simulator does not",
        &["of kubectl that this one does not have", "this kubectl reads files only"],
        "The kubectl of this simulator is made for what service accounts need. Your own kubectl on a real cluster has \
         this, too.",
        "Where there is another way here, the error says which.",
    ),
];
