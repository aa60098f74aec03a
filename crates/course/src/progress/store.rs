//! Where progress is kept.

/// Where progress is kept.
pub trait Store {
    /// The text kept last, if any.
    ///
    /// # Errors
    /// The store cannot be used.
    fn load(&self) -> Result<Option<String>, Refused>;

    /// Keeps a text in place of the last.
    ///
    /// # Errors
    /// The store cannot be used, or is full; the last text is still there.
    fn save(&mut self, text: &str) -> Result<(), Refused>;
}

/// A store did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The browser allows no storage here.
    Denied,
    /// There is no room left.
    Full,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Refused::Denied => "This browser keeps nothing for this page, so your progress ends with this visit.",
            Refused::Full => "There is no room left in this browser's storage, so your progress ends with this visit.",
        })
    }
}

impl std::error::Error for Refused {}

/// A store in memory, which can be made to refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// What is kept.
    pub text: Option<String>,
    /// What every request is answered with, while set.
    pub refuses: Option<Refused>,
}

impl Store for Memory {
    fn load(&self) -> Result<Option<String>, Refused> {
        self.refuses.map_or_else(|| Ok(self.text.clone()), Err)
    }

    fn save(&mut self, text: &str) -> Result<(), Refused> {
        if let Some(refused) = self.refuses {
            return Err(refused);
        }
        self.text = Some(text.to_owned());
        Ok(())
    }
}
