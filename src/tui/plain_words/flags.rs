//! Flags and commands.

use super::{Entry, entry};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "A flag lacks its value",
        &["flag needs an argument", "option requires an argument", "requires parameter"],
        "This flag must be followed by a value, and the line ended, or the value was left out.",
        "Write it after the flag: -n default, or --namespace=default.",
    ),
    entry(
        "There is no such flag here",
        &[
            "unknown flag:",
            "unknown shorthand flag:",
            "unrecognized option",
            "invalid option -- ",
            "Unknown option",
            "Unknown arguments",
        ],
        "This command has no such flag. Flags differ from command to command.",
        "Add --help to the command to see its flags, or press Tab after a dash.",
    ),
    entry(
        "There is no such command",
        &["unknown command"],
        "kubectl has no command of this name. What it suggests is the nearest it knows.",
        "kubectl help lists the commands.",
    ),
];
