use std::ops::Deref;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Id};

/// Arguments that exclude each other by their values, which clap has no words for.
pub trait Settle: Args {
    /// Leaves out the weaker of two that exclude each other.
    ///
    /// # Errors
    ///
    /// Both are equally strong, or what was given makes no sense together.
    fn settle(&mut self, given: &Given<'_>) -> Result<(), clap::Error>;
}

/// Where arguments come from.
pub struct Given<'m>(&'m ArgMatches);

impl Given<'_> {
    /// Which of two arguments is the weaker, if one is; both have to be arguments of the command.
    ///
    /// What is typed is stronger than a variable, which is stronger than the file.
    pub fn weaker<'n>(&self, one: &'n str, other: &'n str) -> Option<&'n str> {
        let strength = |id| self.0.value_source(id);
        match strength(one).cmp(&strength(other)) {
            std::cmp::Ordering::Less => Some(one),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(other),
        }
    }
}

/// Wrong usage, as clap would say it.
pub fn excluded(message: &str) -> clap::Error {
    clap::Error::raw(ErrorKind::ArgumentConflict, format!("{message}\n"))
}

/// Arguments of which those that exclude each other by their values have been settled.
#[derive(Debug)]
pub struct Settled<A>(A);

impl<A> Deref for Settled<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.0
    }
}

impl<A: Settle> FromArgMatches for Settled<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut arguments = A::from_arg_matches(matches)?;
        arguments.settle(&Given(matches))?;
        Ok(Self(arguments))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)?;
        self.0.settle(&Given(matches))
    }
}

impl<A: Settle> Args for Settled<A> {
    fn group_id() -> Option<Id> {
        A::group_id()
    }

    fn augment_args(command: Command) -> Command {
        A::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        A::augment_args_for_update(command)
    }
}
