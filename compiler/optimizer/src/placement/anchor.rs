//! What of a plan under change runs already. A slot of the state is *anchored* to a machine that
//! runs: while the slot is a machine of the same offer, the pods that the two have in common stay.
//! A service's pods that could stay and do not are its moves; they weigh what moving costs, and
//! beyond the service's disruption budget as much as pods that are missing. Without a running plan
//! there are no anchors and all of this weighs nothing.

use super::running::{Movement, Running};
use super::tables::{Choice, Tables};

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
    /// Of each service: the variant it runs in, its pods that could stay, pods of the choice that
    /// it has (where that has another variant, any number), pods that stay, and most moves.
    variant: Vec<u32>,
    could: Vec<u32>,
    room: Vec<u32>,
    stays: Vec<u32>,
    most: Vec<u32>,
    /// Moves of all services, the most there may be, and those beyond services' budgets.
    moves: u32,
    in_all: u32,
    beyond: u32,
    /// What a move weighs, US dollars per hour, and what one beyond a budget weighs besides.
    rate: f64,
    beyond_rate: f64,
}

impl Anchors {
    /// `choices` are those that the services have now.
    pub fn new(
        tables: &Tables,
        running: &Running,
        movement: &Movement,
        choices: &[u32],
    ) -> Anchors {
        let services = running.variants.len();
        // A choice of what runs: where it may be does not depend on the number of pods.
        let running_as = |s: u32| {
            let variant = running.variants[s as usize].filter(|_| running.may_stay[s as usize])?;
            Some(&tables.choices[tables.choice_of(s, variant, u64::MAX)? as usize])
        };
        let stays_at = |s: u32, site: u32, bit: u32| {
            running_as(s).is_some_and(|c| {
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
        let mut variant = Vec::new();
        for (could, s) in could.iter_mut().zip(0..) {
            let most = running_as(s);
            variant.push(most.map_or(u32::MAX, |c| c.variant));
            *could = (*could).min(most.map_or(0, |c| c.replicas));
        }
        let dearest = tables.offers.iter().fold(0.0_f64, |most, o| most.max(o.fixed));
        let mut anchors = Anchors {
            machines,
            variant,
            room: vec![u32::MAX; services],
            stays: vec![0; services],
            most: movement.most.clone(),
            moves: could.iter().sum(),
            in_all: movement.in_all,
            beyond: 0,
            rate: movement.rate(),
            beyond_rate: 4.0 * dearest + f64::MIN_POSITIVE,
            could,
        };
        anchors.beyond = (0..services as u32).map(|s| anchors.beyond_of(s, 0)).sum();
        let chosen = choices.iter().map(|c| &tables.choices[*c as usize]);
        chosen.take(services).for_each(|choice| anchors.choose(choice));
        anchors
    }

    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    pub fn at(&self, n: u32) -> Option<&Anchor> {
        self.machines.get(n as usize)
    }

    /// Whether pods of a service may stay in a choice.
    pub fn may_stay(&self, choice: &Choice) -> bool {
        self.variant[choice.service as usize] == choice.variant
    }

    /// A service has another choice; no pod of it is placed.
    pub fn choose(&mut self, choice: &Choice) {
        let service = choice.service;
        let s = service as usize;
        // Jobs have no pods, and are none of the services that run.
        if s >= self.room.len() {
            return;
        }
        let (moves, beyond) = (self.could_of(s), self.beyond_of(service, 0));
        self.room[s] = if self.may_stay(choice) { choice.replicas } else { u32::MAX };
        // What stays is put back before the choice is: in between, fewer may move than none.
        self.moves = self.moves.wrapping_sub(moves).wrapping_add(self.could_of(s));
        self.beyond = self.beyond - beyond + self.beyond_of(service, 0);
    }

    /// Pods that could stay, no more than its choice has.
    fn could_of(&self, s: usize) -> u32 {
        self.could[s].min(self.room[s])
    }

    /// Moves beyond the budget, with so many more pods that stay.
    fn beyond_of(&self, service: u32, more: i32) -> u32 {
        let s = service as usize;
        let stays = self.stays[s].saturating_add_signed(more);
        self.could_of(s).saturating_sub(stays).saturating_sub(self.most[s])
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
        let beyond = [0, more].map(|more| {
            let in_all = self.moves.saturating_add_signed(-more).saturating_sub(self.in_all);
            f64::from(self.beyond_of(service, more) + in_all)
        });
        f64::from(more) * self.rate + (beyond[0] - beyond[1]) * self.beyond_rate
    }

    /// What moves within budgets weigh, US dollars per hour.
    pub fn cost(&self) -> f64 {
        f64::from(self.moves) * self.rate
    }

    pub fn excess(&self) -> f64 {
        f64::from(self.beyond + self.moves.saturating_sub(self.in_all)) * self.beyond_rate
    }

    pub fn is_within_budgets(&self) -> bool {
        self.beyond == 0 && self.moves <= self.in_all
    }
}
