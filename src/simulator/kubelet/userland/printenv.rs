//! `env` and `printenv`: the environment, or a program in a changed one.

use futures::future::BoxFuture;

use super::{Process, Program, find};

/// The program.
pub struct PrintEnv;

impl Program for PrintEnv {
    fn names(&self) -> &'static [&'static str] {
        &["env", "printenv"]
    }

    fn run(&self, mut process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            if process.name() == "printenv" && !process.arguments().is_empty() {
                let mut code = 0;
                for name in process.arguments() {
                    match process.env.get(name) {
                        Some(value) => process.print(format!("{value}\n")),
                        None => code = 1,
                    }
                }
                return code;
            }
            let mut words = process.arguments().to_vec();
            while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
                process.env.insert(name.to_owned(), value.to_owned());
                words.remove(0);
            }
            let Some(name) = words.first() else {
                process.print(process.env.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>());
                return 0;
            };
            let Some(program) = find(name) else {
                process.complain(format_args!("can't execute '{name}': No such file or directory"));
                return 127;
            };
            process.argv = words;
            program.run(process).await
        })
    }
}
