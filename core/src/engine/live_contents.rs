//! The live releases and packs, for a program that proves a release before it is published. A gateway
//! uses [`Engine::screen`], which hides silent records and returns at most four reasons.

use crate::list::{BlockList, Descriptor, ListId};
use crate::rules::Pack;

use super::operations::Engine;
use super::update::Coalition;

impl Engine {
    /// The live releases of a coalition, each with its signed descriptor; none if the coalition is not
    /// configured.
    pub fn live_lists(&self, coalition: &str) -> impl Iterator<Item = (&Descriptor, &BlockList)> {
        let coalition = self.coalition(coalition).into_iter();
        let lists = coalition.flat_map(|coalition| &coalition.lists);
        lists.map(|live| (&live.descriptor, &live.list))
    }

    /// The live packs of red flags of a coalition, each with the list that it is published with.
    pub fn live_packs(&self, coalition: &str) -> impl Iterator<Item = (&ListId, &Pack)> {
        let coalition = self.coalition(coalition).into_iter();
        let packs = coalition.flat_map(|coalition| &coalition.packs);
        packs.map(|live| (&live.list, &*live.pack))
    }

    fn coalition(&self, name: &str) -> Option<&Coalition> {
        let mut coalitions = self.coalitions.iter();
        coalitions.find(|coalition| coalition.name == name)
    }
}
