//! The other programs.

use super::{Entry, entry, here};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "jq was given something that is no JSON",
        &["jq: parse error"],
        "jq reads JSON. What came to it is something else: a table, YAML, an error in words, a bare token, or JSON that \
         ends too early.",
        "Look at it without the | jq. kubectl gives JSON with -o json; jq -R takes any line as a text.",
    ),
    entry(
        "jq: the value is built otherwise",
        &["Cannot index", "Cannot iterate over"],
        "The filter asks for a field, an item or a list, and the value there is of another kind. An object has fields, \
         as .name; a list has items, as .[0] and .[]; a text or a number has neither.",
        "Leave off the end of the filter and see what is there: jq . shows all, jq keys the fields.",
    ),
    entry(
        "jq cannot read the filter",
        &["compile error"],
        "The filter breaks jq's grammar, or calls something that jq does not have. Mostly the shell took away a quote or \
         a dollar sign, or a bracket is not closed.",
        "Put the whole filter in single quotes: jq '.metadata.name'",
    ),
    entry(
        "jq could not finish",
        &["jq: error"],
        "The filter is well formed, but this value does not go through it. The rest of the line says what stopped it. A \
         token has three parts with dots between them, and only the first two of them are JSON in base64.",
        "For a token: jq -R 'split(\".\") | .[1] | @base64d | fromjson'",
    ),
    entry(
        "This is no clean base64",
        &["base64: invalid input"],
        "base64 -d stopped at a letter that base64 does not have, or at an end that is cut off. What it printed before is \
         right. The parts of a token are base64url: they have - and _ in the place of + and /, and no = at the end.",
        "For a token: jq -R 'split(\".\") | .[1] | @base64d | fromjson'. For a secret: take one value alone, without blanks.",
    ),
    entry(
        "openssl found no certificate",
        &["Could not read certificate", "unable to load certificate"],
        "openssl x509 wants a certificate as a text that begins with -----BEGIN CERTIFICATE-----. In a secret and in a \
         kubeconfig it is in base64, with this text inside. A token is no certificate.",
        "cat FILE | base64 -d | openssl x509 -noout -text, or without base64 -d when the file begins with the dashes.",
    ),
    entry(
        "openssl: not this one",
        &["is not part of this shell; x509", "Invalid command '"],
        "openssl is many programs, and the first word says which. Here there are x509, which shows certificates, and dgst.",
        "openssl x509 -in FILE -noout -text",
    ),
    entry(
        "This shell does not have that",
        &["part of this shell", "nothing runs in the background here", "this shell gives", "this shell shows"],
        "The shell of this terminal is a part of bash, with what the course needs. Your own bash has the rest.",
        "Where there is another way here, the error says which. help lists the commands.",
    ),
    entry(
        "The file cannot be run",
        &["Permission denied"],
        "A file is run as a program only when it is marked as one.",
        "bash FILE runs the lines of a file, marked or not.",
    ),
    entry(
        "A folder where a file belongs",
        &["Is a directory", "ambiguous redirect"],
        "After > and < stands one file. This is a folder, or more words than one.",
        "ls shows which is which.",
    ),
    entry(
        "A word is missing",
        &["missing operand", "Usage: grep"],
        "The program needs to know what to work on, and the line ends too early.",
        "Add --help to the command: it shows what belongs there.",
    ),
    entry(
        "No such file",
        &["no such file or directory", "No such file or directory", "the path \"", "Could not open"],
        "There is no file of that name here. Commands in this terminal see the files of the lesson: not those of your \
         machine, and not those in a pod.",
        "ls shows what is here; edit FILE makes a new one. In a pod: kubectl exec POD -- cat FILE",
    ),
    entry(
        "There is no such program",
        &["command not found"],
        "This terminal has its own small set of programs, and none is called that.",
        "help lists them. Tab completes their names.",
    )
    .naming(here::program),
    entry(
        "The shell cannot read the line",
        &["bash: syntax error", "bash: unexpected EOF"],
        "The line breaks the shell's grammar, before any program was run. Mostly a quote or a bracket is missing or too much.",
        "Put the text with special signs between single quotes.",
    )
    .naming(here::quote),
];
