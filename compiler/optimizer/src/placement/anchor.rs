//! What of a plan under change runs already. A slot of the state is *anchored* to a machine that
//! runs: while the slot is a machine of the same offer, the pods that the two have in common stay.
//! A service's pods that could stay and do not are its moves; they weigh what moving costs, and
//! beyond the service's disruption budget as much as pods that are missing. Without a running plan
//! there are no anchors and all of this weighs nothing.

use super::running::{Movement, Running};
use super::tables::Tables;

/// A machine that runs, with the pods on it that may stay.
#[derive(Clone, Debug)]
pub struct Anchor {
    pub offer: u32,
    pub site: u32,
    pub pods: Vec<(u32, u32)>,
    /// Place in the running plan's list.
    pub was: u32,
}

impl Anchor {
    pub fn pods_of(&self, service: u32) -> u32 {
        self.pods.iter().find(|p| p.0 == service).map_or(0, |p| p.1)
    }
}

#[derive(Default)]
pub struct Anchors {
    /// Of the first slots of the state.
    pub machines: Vec<Anchor>,
    /// Of each service: the choice it runs in, its pods that could stay, those that do, and most
    /// moves.
    choice: Vec<u32>,
    could: Vec<u32>,
    stays: Vec<u32>,
    most: Vec<u32>,
    /// Moves of all services, and those beyond budgets.
    moves: u32,
    beyond: u32,
    /// What a move weighs, US dollars per hour, and what one beyond a budget weighs besides.
    rate: f64,
    beyond_rate: f64,
}

impl Anchors {
    pub fn new(tables: &Tables, running: &Running, movement: &Movement) -> Anchors {
        let services = tables.services();
        let choice_of = |s: usize| match running.variants[s] {
            Some(variant) if running.may_stay[s] => tables.first_choice[s] + variant,
            _ => u32::MAX,
        };
        let choice: Vec<u32> = (0..services).map(choice_of).collect();
        let stays_at = |s: u32, site: u32, bit: u32| {
            tables.choices.get(choice[s as usize] as usize).is_some_and(|c| {
                let place = c.places.binary_search_by_key(&site, |p| p.0);
                place.is_ok_and(|i| c.places[i].1 >> bit & 1 == 1)
            })
        };
        let mut machines = Vec::new();
        let mut could = vec![0_u32; services];
        for (was, node) in running.nodes.iter().enumerate() {
            let Some(offer) = node.offer else { continue };
            let (site, bit) = tables.offer_site[offer as usize];
            let mut pods = node.pods.clone();
            pods.retain(|(s, _)| stays_at(*s, site, bit));
            if pods.is_empty() {
                continue;
            }
            for _ in 0..node.count {
                machines.push(Anchor { offer, site, pods: pods.clone(), was: was as u32 });
                pods.iter().for_each(|(s, n)| could[*s as usize] += n);
            }
        }
        for (could, c) in could.iter_mut().zip(&choice) {
            let replicas = tables.choices.get(*c as usize).map_or(0, |c| c.replicas);
            *could = (*could).min(replicas);
        }
        let dearest = tables.offers.iter().fold(0.0_f64, |most, o| most.max(o.fixed));
        let mut anchors = Anchors {
            machines,
            choice,
            stays: vec![0; services],
            most: movement.most.clone(),
            moves: 0,
            beyond: 0,
            rate: movement.rate(),
            beyond_rate: 4.0 * dearest + f64::MIN_POSITIVE,
            could,
        };
        anchors.moves = anchors.could.iter().sum();
        anchors.beyond = (0..services as u32).map(|s| anchors.beyond_of(s, 0)).sum();
        anchors
    }

    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    pub fn at(&self, n: u32) -> Option<&Anchor> {
        self.machines.get(n as usize)
    }

    /// Pods that may stay where the service has a choice.
    pub fn may_stay(&self, service: u32, choice: u32) -> bool {
        self.choice[service as usize] == choice
    }

    /// Moves beyond the budget, with so many more pods that stay.
    fn beyond_of(&self, service: u32, more: i32) -> u32 {
        let s = service as usize;
        let stays = self.stays[s].saturating_add_signed(more);
        self.could[s].saturating_sub(stays).saturating_sub(self.most[s])
    }

    /// So many more pods of a service stay.
    pub fn stay(&mut self, service: u32, more: i32) {
        let before = self.beyond_of(service, 0);
        self.beyond = self.beyond - before + self.beyond_of(service, more);
        self.moves = self.moves.wrapping_add_signed(-more);
        let stays = &mut self.stays[service as usize];
        *stays = stays.wrapping_add_signed(more);
    }

    /// What it saves that so many more pods of a service stay, US dollars per hour.
    pub fn saves(&self, service: u32, more: i32) -> f64 {
        let beyond = [0, more].map(|more| f64::from(self.beyond_of(service, more)));
        f64::from(more) * self.rate + (beyond[0] - beyond[1]) * self.beyond_rate
    }

    /// What moves within budgets weigh, US dollars per hour.
    pub fn cost(&self) -> f64 {
        f64::from(self.moves) * self.rate
    }

    pub fn excess(&self) -> f64 {
        f64::from(self.beyond) * self.beyond_rate
    }

    pub fn is_within_budgets(&self) -> bool {
        self.beyond == 0
    }
}
