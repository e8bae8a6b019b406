//! The wish to stop that comes from outside: signals on Unix, Ctrl-C elsewhere.

use std::io;

/// Waits for the wish. From its making on, a signal no longer ends the process at once.
pub struct Stop {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
    #[cfg(not(unix))]
    never: bool,
}

#[cfg(unix)]
impl Stop {
    /// Listens for SIGINT and SIGTERM.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn asked() -> io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        Self::on(&[SignalKind::interrupt(), SignalKind::terminate()])
    }

    /// Listens for the terminal's end, too: for a program that draws on one.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn asked_or_hung_up() -> io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        Self::on(&[SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()])
    }

    /// Listens for all but SIGINT: for a program whose learner stops commands by it.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn ended_or_hung_up() -> io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        Self::on(&[SignalKind::terminate(), SignalKind::hangup()])
    }

    fn on(kinds: &[tokio::signal::unix::SignalKind]) -> io::Result<Self> {
        let signals = kinds.iter().map(|kind| tokio::signal::unix::signal(*kind)).collect::<io::Result<_>>()?;
        Ok(Self { signals })
    }

    /// Waits for any of them.
    pub async fn wait(&mut self) {
        let signals = self.signals.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures::future::select_all(signals).await;
    }
}

/// Ctrl-C, as long as the terminal makes a signal of it.
pub struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Interrupts {
    /// Begins to listen. From now on it no longer ends the process.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn new() -> io::Result<Self> {
        #[cfg(unix)]
        return Ok(Self { signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())? });
        #[cfg(not(unix))]
        return Ok(Self {});
    }

    /// Waits for it.
    pub async fn wait(&mut self) {
        #[cfg(unix)]
        self.signal.recv().await;
        #[cfg(not(unix))]
        // Without a handler the process is ended by the system.
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(not(unix))]
impl Stop {
    /// Listens for Ctrl-C.
    ///
    /// # Errors
    /// Never, here.
    pub fn asked() -> io::Result<Self> {
        Ok(Self { never: false })
    }

    /// The same: the terminal's end is told by its events.
    ///
    /// # Errors
    /// Never, here.
    pub fn asked_or_hung_up() -> io::Result<Self> {
        Self::asked()
    }

    /// Listens for nothing: Ctrl-C is all there is.
    ///
    /// # Errors
    /// Never, here.
    pub fn ended_or_hung_up() -> io::Result<Self> {
        Ok(Self { never: true })
    }

    /// Waits for it.
    pub async fn wait(&mut self) {
        if self.never {
            std::future::pending::<()>().await;
        }
        // Without a handler for Ctrl-C the process is ended by the system, which is what was asked for.
        let _ = tokio::signal::ctrl_c().await;
    }
}
